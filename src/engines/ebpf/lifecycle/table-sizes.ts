/** How much the maps hold; the kernel takes the memory when they are made. */
export interface TableSizes {
  /** Of each address family. */
  readonly connections: number;
  readonly services: number;
  readonly destinations: number;
}

/** The sizes that bpf/maps.h gives. */
export const DEFAULT_SIZES: TableSizes = { connections: 1_048_576, services: 65_536, destinations: 65_536 };

/** Limits for configurations. A destination or service takes an entry of several arrays. */
export const SIZE_LIMITS = {
  connections: [1024, 134_217_728],
  services: [16, 1_048_576],
  destinations: [16, 1_048_576],
} as const satisfies Readonly<Record<keyof TableSizes, readonly [number, number]>>;

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
