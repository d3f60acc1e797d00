import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { CHECKOUT, cacheDirectory } from '../../../test/vm/lab/cache.ts';

/** A script of these benchmarks as one file, since reading many takes long in an emulated guest; gone when this process ends. */
export async function guestScript(name: 'attach-process' | 'flood-process'): Promise<string> {
  const outfile = join(cacheDirectory('bundles'), `${name}-${process.pid}.mjs`);
  process.once('exit', () => rmSync(outfile, { force: true }));
  await build({
    absWorkingDir: CHECKOUT,
    entryPoints: [`bench/ebpf/forward/${name}.ts`],
    outfile,
    bundle: true,
    format: 'esm',
    packages: 'external',
    platform: 'node',
    target: 'node26',
    logLevel: 'warning',
  });
  return outfile;
}
