import type { BpfMap } from '../../../src/system/bpf/bpf-map.ts';
import { readPages } from '../../../src/system/bpf/read-pages.ts';

/** All entries of a map, copied. */
export function* entriesOf(map: BpfMap): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  for (const { count, keys, values } of readPages(map, 4096)) {
    for (let index = 0; index < count; index++) {
      yield [
        keys.slice(index * map.keySize, (index + 1) * map.keySize),
        values.slice(index * map.valueSize, (index + 1) * map.valueSize),
      ];
    }
  }
}

/** The key of an array's entry. */
export function indexKey(index: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(index).buffer);
}
