import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { SIZE } from '../layout.gen.ts';

/** The maps that the table reads and writes, by their names in bpf/maps.h, with the structs that keys and values have. */
const SHAPES = {
  settings: [4, SIZE.settings],
  address_filter: [4, SIZE.address_filter],
  services: [SIZE.service_key, SIZE.service],
  service_keys: [4, SIZE.service_key],
  service_live: [4, SIZE.service_live],
  service_counters: [4, SIZE.counters],
  service_zero: [4, SIZE.counters],
  selection: [4, 4],
  destinations: [4, SIZE.destination],
  destination_live: [4, SIZE.destination_live],
  destination_counters: [4, SIZE.counters],
  destination_zero: [4, SIZE.counters],
  connections4: [SIZE.flow4, SIZE.connection],
  connections6: [SIZE.flow6, SIZE.connection],
  balance_cache: [SIZE.cache_key, SIZE.cache_entry],
} as const;

export type EngineMapName = keyof typeof SHAPES;

/** Open maps, which whoever opened them closes. */
export type EngineMaps = Readonly<Record<EngineMapName, BpfMap>>;

/** Throws a RangeError for a map of another shape than bpf/abi.h gives it. */
export function engineMaps(open: (name: EngineMapName) => BpfMap): EngineMaps {
  const names = Object.keys(SHAPES) as EngineMapName[];
  return Object.fromEntries(names.map((name) => [name, checked(name, open(name))])) as EngineMaps;
}

function checked(name: EngineMapName, map: BpfMap): BpfMap {
  const [keySize, valueSize] = SHAPES[name];
  if (map.keySize !== keySize || map.valueStride !== valueSize) {
    throw new RangeError(
      `map ${name} has keys of ${map.keySize} and values of ${map.valueStride} bytes, not of ${keySize} and ${valueSize}`,
    );
  }
  return map;
}
