import { BpfAttribute } from './bpf-attribute.ts';
import { tryBpf } from './bpf-call.ts';
import { BpfError } from './bpf-error.ts';
import type { BpfMap } from './bpf-map.ts';
import { BPF_MAP_UPDATE_BATCH, ENOTSUPP } from './constants.ts';

/**
 * Sets `count` entries, whose keys and values lie one behind the other, by one BPF_MAP_UPDATE_BATCH (linux 5.6), and one by one
 * where the map's type has no batches. On a BpfError, such as E2BIG of a full map, those before the refused one are set. The
 * caller bounds `count`: 10,000 small entries take a few milliseconds.
 */
export function updateEntries(map: BpfMap, keys: Uint8Array, values: Uint8Array, count: number): void {
  if (keys.length < count * map.keySize || values.length < count * map.valueSize)
    throw new RangeError(`map ${map.name}: ${count} entries have more keys or values than were given`);
  if (count === 0) return;
  const attribute = new BpfAttribute(56)
    .setPointer(16, keys)
    .setPointer(24, values)
    .setU32(32, count)
    .setU32(36, map.fd);
  const result = tryBpf(BPF_MAP_UPDATE_BATCH, attribute);
  if (result >= 0) return;
  if (result !== -ENOTSUPP) throw new BpfError(`BPF_MAP_UPDATE_BATCH ${map.name}`, -result);
  for (let index = 0; index < count; index++)
    map.update(
      keys.subarray(index * map.keySize, (index + 1) * map.keySize),
      values.subarray(index * map.valueSize, (index + 1) * map.valueSize),
    );
}
