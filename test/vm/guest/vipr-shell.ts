/** In the guest: runs shell lines in which ipvsadm is vipr's, on the kernel's IPVS; answers with what each did. */
import { readFileSync, writeFileSync } from 'node:fs';
import { type Program, Shell } from '../../ipvsadm/shell.ts';
import { kernelIpvsadm, PROGRAM_NAMES, type ProgramName } from './kernel-ipvsadm.ts';

const [input = '', output = ''] = process.argv.slice(2);
const lines = JSON.parse(readFileSync(input, 'utf8')) as string[];
const shell = new Shell(new Map(PROGRAM_NAMES.map((name) => [name, programOf(name)])));
const outcomes = [];
for (const line of lines) outcomes.push(await shell.run(line));
writeFileSync(output, JSON.stringify(outcomes));
process.exit(0);

function programOf(name: ProgramName): Program {
  return (args, { stdin, stdout, stderr }) =>
    kernelIpvsadm(name, args, { stdin: async () => stdin, stdout, stderr });
}
