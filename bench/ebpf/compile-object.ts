import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BenchmarkUnavailable } from '../benchmark.ts';

const CLANG = 'clang-14';
const DATA_PLANE = resolve(import.meta.dirname, '../../bpf');
const SOURCES = resolve(import.meta.dirname, 'bpf');
const MACHINE = process.arch === 'x64' ? 'x86_64' : 'aarch64';

/** Compiles `bpf/NAME.bpf.c` as `npm run build:bpf` does the data plane, whose headers it can include. */
export function compileObject(name: string): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-bench-'));
  try {
    const object = join(directory, `${name}.o`);
    const source = join(SOURCES, `${name}.bpf.c`);
    const flags = ['-O2', '-g', '-mcpu=v3', '-target', 'bpf', '-Wall', '-Werror', `-I${DATA_PLANE}`];
    const { status, stderr, error } = spawnSync(
      CLANG,
      [...flags, `-I/usr/include/${MACHINE}-linux-gnu`, '-c', source, '-o', object],
      { encoding: 'utf8' },
    );
    if (error)
      throw new BenchmarkUnavailable(`${CLANG} is not installed: apt-get install clang-14 libbpf-dev`);
    if (status !== 0) throw new Error(`${source} does not compile:\n${stderr}`);
    return readFileSync(object);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
