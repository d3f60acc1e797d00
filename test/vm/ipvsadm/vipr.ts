import { runGuestProgram } from '../lab/guest-program.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import type { CommandOutcome, CommandRunner } from './guest-command.ts';

const MILLISECONDS_EACH = 500;

/** vipr's ipvsadm on the guest's IPVS: one process for all commands of a call, since Node.js takes its time to start there. */
export function viprIpvsadm(machine: VirtualMachine, namespace: string): CommandRunner {
  return async (commands) => {
    const limitMilliseconds = 60_000 + commands.length * MILLISECONDS_EACH;
    const options = { namespace, input: commands, limitMilliseconds };
    return (await runGuestProgram(machine, 'vipr-commands', options)) as CommandOutcome[];
  };
}
