import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { CHECKOUT, cacheDirectory } from './cache.ts';
import type { VirtualMachine } from './virtual-machine.ts';

let calls = 0;

/**
 * Runs a TypeScript program of test/vm/guest in a network namespace of the guest. It reads JSON from the file that its first
 * argument names and writes JSON to that of the second.
 */
export async function runGuestProgram(
  machine: VirtualMachine,
  program: string,
  options: { readonly namespace: string; readonly input: unknown; readonly limitMilliseconds?: number },
): Promise<unknown> {
  const name = `${program}-${++calls}`;
  const input = join(machine.share, `${name}.in.json`);
  const output = join(machine.share, `${name}.out.json`);
  writeFileSync(input, JSON.stringify(options.input));
  const node = `${process.execPath} --enable-source-maps ${await bundle(program)}`;
  const files = `/run/share/${basename(input)} /run/share/${basename(output)}`;
  await machine.expect(`ip netns exec ${options.namespace} ${node} ${files}`, options.limitMilliseconds);
  const answer: unknown = JSON.parse(readFileSync(output, 'utf8'));
  rmSync(input);
  rmSync(output);
  return answer;
}

const bundles = new Map<string, Promise<string>>();

/** One file instead of many: stripping types and reading files takes long in an emulated guest. */
function bundle(program: string): Promise<string> {
  let file = bundles.get(program);
  if (file === undefined) {
    file = makeBundle(program);
    bundles.set(program, file);
  }
  return file;
}

async function makeBundle(program: string): Promise<string> {
  const outfile = join(cacheDirectory('bundles'), `${program}-${process.pid}.mjs`);
  process.once('exit', () => rmSync(outfile, { force: true }));
  await build({
    absWorkingDir: CHECKOUT,
    entryPoints: [`test/vm/guest/${program}.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    packages: 'external',
    platform: 'node',
    target: 'node26',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return outfile;
}
