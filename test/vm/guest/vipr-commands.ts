/** In the guest: carries out the commands given with vipr's ipvsadm on the kernel's IPVS; answers with what each did. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { CommandOutcome, GuestCommand } from '../ipvsadm/guest-command.ts';
import { kernelIpvsadm } from './kernel-ipvsadm.ts';

const [input = '', output = ''] = process.argv.slice(2);
const commands = JSON.parse(readFileSync(input, 'utf8')) as GuestCommand[];
const outcomes: CommandOutcome[] = [];
for (const { program = 'ipvsadm', args, input = '' } of commands) {
  let stdout = '';
  let stderr = '';
  const exitCode = await kernelIpvsadm(program, args, {
    stdin: async () => input,
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  outcomes.push({ exitCode, stdout, stderr });
}
writeFileSync(output, JSON.stringify(outcomes));
process.exit(0);
