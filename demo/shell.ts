import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const BIN = fileURLToPath(new URL('../bin/', import.meta.url));

/** A command of this package, by its path. */
export function command(name: 'vipr' | 'ipvsadm'): string {
  return `${BIN}${name}`;
}

export function heading(text: string): void {
  process.stdout.write(`\n${styleText('bold', text)}\n`);
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Shows `ipvsadm` with the arguments, runs it, and shows what it printed. Throws where it failed. */
export function ipvsadm(args: string, env: NodeJS.ProcessEnv, mostLines = 40): void {
  process.stdout.write(`${styleText('cyan', `$ ipvsadm ${args}`)}\n`);
  const { status, stdout, stderr } = spawnSync(command('ipvsadm'), args.split(' '), {
    env,
    encoding: 'utf8',
  });
  const lines = stdout.trimEnd().split('\n');
  if (stdout !== '') process.stdout.write(`${lines.slice(0, mostLines).join('\n')}\n`);
  if (lines.length > mostLines) process.stdout.write(`… ${lines.length - mostLines} more lines\n`);
  if (stderr !== '') process.stdout.write(stderr);
  if (status !== 0) throw new Error(`ipvsadm ${args} ended with ${status}`);
}
