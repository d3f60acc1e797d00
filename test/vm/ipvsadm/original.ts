import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { type CommandOutcome, type CommandRunner, shellWords } from './guest-command.ts';

/** Between the outputs of two commands; nothing that ipvsadm prints holds it. */
const SEPARATOR = '\x1e';
const MILLISECONDS_EACH = 500;

/** Debian's own ipvsadm: a process for each command, started by the smallest shell. */
export function originalIpvsadm(machine: VirtualMachine, namespace: string): CommandRunner {
  return async (commands) => {
    const script = join(machine.share, `original-${namespace}.sh`);
    const mark = `printf '\\036%s\\036' $?; printf '\\036' >&2`;
    writeFileSync(script, commands.map((command) => `${shellWords(command)}\n${mark}\n`).join(''));
    const run = `ip netns exec ${namespace} dash /run/share/original-${namespace}.sh </dev/null`;
    const limit = 30_000 + commands.length * MILLISECONDS_EACH;
    const { stdout, stderr } = await machine.run(
      `${run} >/tmp/out 2>/tmp/err; cat /tmp/out; cat /tmp/err >&2`,
      limit,
    );
    rmSync(script);
    const outputs = stdout.split(SEPARATOR);
    const complaints = stderr.split(SEPARATOR);
    if (complaints.length !== commands.length + 1)
      throw new Error(`the guest ran only a part: ${stderr.slice(-500)}`);
    return commands.map((_, index): CommandOutcome => {
      return {
        exitCode: Number(outputs[2 * index + 1]),
        stdout: outputs[2 * index] ?? '',
        stderr: complaints[index] ?? '',
      };
    });
  };
}
