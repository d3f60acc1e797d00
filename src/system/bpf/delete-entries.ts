import { ENOENT } from '../constants.ts';
import { BpfAttribute } from './bpf-attribute.ts';
import { tryBpf } from './bpf-call.ts';
import { BpfError } from './bpf-error.ts';
import type { BpfMap } from './bpf-map.ts';
import { BPF_MAP_DELETE_BATCH, ENOTSUPP } from './constants.ts';

/**
 * Deletes `count` keys, which lie one behind the other, by BPF_MAP_DELETE_BATCH (linux 5.6), and one by one where the map's type has
 * no batches. Keys that are not there are passed over, at the price of a system call each. Returns how many were there.
 */
export function deleteEntries(map: BpfMap, keys: Uint8Array, count: number): number {
  if (keys.length < count * map.keySize)
    throw new RangeError(`map ${map.name}: fewer than ${count} keys were given`);
  let deleted = 0;
  for (let next = 0; next < count; ) {
    const attribute = new BpfAttribute(56)
      .setPointer(16, keys.subarray(next * map.keySize))
      .setU32(32, count - next)
      .setU32(36, map.fd);
    const result = tryBpf(BPF_MAP_DELETE_BATCH, attribute);
    if (result === -ENOTSUPP) return deleteOneByOne(map, keys, count);
    if (result < 0 && result !== -ENOENT) throw new BpfError(`BPF_MAP_DELETE_BATCH ${map.name}`, -result);
    const done = result < 0 ? attribute.u32(32) : count - next;
    deleted += done;
    // The one behind those was not there.
    next += done + 1;
  }
  return deleted;
}

function deleteOneByOne(map: BpfMap, keys: Uint8Array, count: number): number {
  let deleted = 0;
  for (let index = 0; index < count; index++)
    if (map.delete(keys.subarray(index * map.keySize, (index + 1) * map.keySize))) deleted++;
  return deleted;
}
