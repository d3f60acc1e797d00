import { runIpvsadm } from './run.ts';
import type { IpvsadmIo, IpvsadmModules } from './session.ts';

const HELP = `ipvsadm-save writes the table to standard output, as commands that ipvsadm-restore reads.
   -n  addresses and ports as numbers, not by name
`;

/** `ipvsadm-save [-n]`, which is `ipvsadm -S`; with any other option its help on standard error, and exit code 1. */
export async function runIpvsadmSave(
  argv: readonly string[],
  io: IpvsadmIo,
  modules: IpvsadmModules,
): Promise<number> {
  if (argv.some((word) => word.startsWith('-') && word !== '-n')) {
    io.stderr(HELP);
    return 1;
  }
  return runIpvsadm(argv.includes('-n') ? ['-S', '-n'] : ['-S'], io, modules);
}
