/** How much the maps hold; the kernel takes the memory when they are made. */
export interface TableSizes {
  /** Of each address family. */
  readonly connections: number;
  readonly services: number;
  readonly destinations: number;
}

/** The sizes that bpf/maps.h gives. */
export const DEFAULT_SIZES: TableSizes = { connections: 1_048_576, services: 65_536, destinations: 65_536 };

/** Bytes that the kernel takes for a connection of each family, both with its reply: entries of hashes and their buckets. */
const CONNECTION_BYTES = 232 + 296;
/** At most this part of the memory is for connections nobody asked for. */
const SHARE = 8;
const FEWEST_CONNECTIONS = 16_384;

/** The sizes where nobody gives any: fewer connections on small machines. `memory` is that of the machine, in bytes. */
export function defaultSizes(memory: number): TableSizes {
  let { connections } = DEFAULT_SIZES;
  while (connections > FEWEST_CONNECTIONS && connections * CONNECTION_BYTES > memory / SHARE)
    connections /= 2;
  return { ...DEFAULT_SIZES, connections };
}

/** Which size a map has; those that are not here have that of bpf/maps.h. */
export const SIZED_MAPS: Readonly<Record<string, keyof TableSizes>> = {
  connections4: 'connections',
  connections6: 'connections',
  replies4: 'connections',
  replies6: 'connections',
  services: 'services',
  service_keys: 'services',
  service_live: 'services',
  service_counters: 'services',
  service_zero: 'services',
  selection: 'services',
  destinations: 'destinations',
  destination_live: 'destinations',
  destination_counters: 'destinations',
  destination_zero: 'destinations',
  next_hops: 'destinations',
};
