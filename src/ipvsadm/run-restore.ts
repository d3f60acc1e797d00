import { firstMistake } from './restore-lines.ts';
import { runIpvsadm } from './run.ts';
import type { IpvsadmIo, IpvsadmModules } from './session.ts';

const HELP = `ipvsadm-restore replaces the table by what it reads from standard input: commands, one a line, as
ipvsadm-save writes them. Lines that begin with # are comments. Where a line is no command, nothing is changed.
`;

/**
 * `ipvsadm-restore`: reads all of standard input, empties the table, then carries the lines out as `ipvsadm -R` does;
 * unlike there, lines that begin with `#` are comments. The original empties the table also for input that it then cannot
 * read; here a line that is no command is reported with its number, and the table stays. The original takes no options;
 * here `-h` and `--help` print help.
 */
export async function runIpvsadmRestore(
  argv: readonly string[],
  io: IpvsadmIo,
  modules: IpvsadmModules,
): Promise<number> {
  if (argv.includes('-h') || argv.includes('--help')) {
    io.stdout(HELP);
    return 0;
  }
  const lines = (await readAll(io)).split('\n').map((line) => (line.startsWith('#') ? '' : line));
  const mistake = await firstMistake(lines, modules.names);
  if (mistake !== undefined) {
    const { line, refusal } = mistake;
    io.stderr(
      `${refusal.message}\nvipr: line ${line} of the input is no command: the table was left as it is\n`,
    );
    return refusal.exitCode;
  }
  const cleared = await runIpvsadm(['-C'], io, modules);
  if (cleared !== 0) return cleared;
  return runIpvsadm(['-R'], { ...io, stdin: async () => `${lines.join('\n')}\n` }, modules);
}

async function readAll(io: IpvsadmIo): Promise<string> {
  const input = io.stdin();
  if (!(Symbol.asyncIterator in input)) return input;
  let text = '';
  for await (const chunk of input) text += chunk;
  return text;
}
