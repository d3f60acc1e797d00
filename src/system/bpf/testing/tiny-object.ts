import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BpfMap } from '../bpf-map.ts';
import { BpfObject } from '../bpf-object.ts';
import { BPF_MAP_TYPE_ARRAY } from '../constants.ts';
import { libbpf } from '../libbpf.ts';
import { whyNoBpf } from './why-no-bpf.ts';

const compiled = whyNoBpf === false ? compile() : whyNoBpf;

/** Why tests that load `tiny.bpf.c` cannot run here, for their `skip`; false where they can. */
export const whyNoTinyObject: string | false = typeof compiled === 'string' ? compiled : false;

/** `tiny.bpf.c`, opened and with its map of maps made loadable. `configure` runs before the load. */
export function loadTinyObject(configure: (object: BpfObject) => void = () => {}): BpfObject {
  const object = openTinyObject();
  const inner = BpfMap.create({ type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 8 });
  try {
    object.map('tables').setInnerMap(inner);
    configure(object);
    object.load();
    return object;
  } catch (error) {
    object.close();
    throw error;
  } finally {
    inner.close();
  }
}

export function openTinyObject(): BpfObject {
  if (typeof compiled === 'string') throw new Error(compiled);
  return BpfObject.open(compiled, 'tiny');
}

/** The object's bytes, or why there are none. */
function compile(): Uint8Array | string {
  const folder = mkdtempSync(join(tmpdir(), 'vipr-bpf-'));
  try {
    libbpf();
    const output = join(folder, 'tiny.o');
    const source = join(import.meta.dirname, 'tiny.bpf.c');
    const headers = `-I/usr/include/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`;
    for (const compiler of ['clang', 'clang-14']) {
      const flags = ['-O2', '-g', '-mcpu=v3', '-target', 'bpf', headers, '-c', source, '-o', output];
      const run = spawnSync(compiler, flags, { encoding: 'utf8' });
      if (run.status === 0) return readFileSync(output);
      if (run.error === undefined) return `needs the headers of Linux and libbpf: ${run.stderr}`;
    }
    return 'needs clang';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
