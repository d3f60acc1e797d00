import { runIpvsadm } from './run.ts';
import type { IpvsadmIo, IpvsadmModules } from './session.ts';

const HELP = `ipvsadm-restore replaces the table by what it reads from standard input: commands, one a line, as
ipvsadm-save writes them. Lines that begin with # are comments.
`;

/**
 * `ipvsadm-restore`: reads all of standard input, empties the table, then carries the lines out as `ipvsadm -R` does;
 * unlike there, lines that begin with `#` are comments. The original takes no options; here `-h` and `--help` print help.
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
  const lines = (await readAll(io)).split('\n').filter((line) => !line.startsWith('#'));
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
