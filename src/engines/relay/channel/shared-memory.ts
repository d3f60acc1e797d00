import { SOCKET_ADDRESS_BYTES } from '../../../system/socket-address.ts';

/** Connections that one relay can hold, TIME_WAIT included. Memory is taken as it is used: 4 bytes for each here. */
export const MOST_CONNECTIONS = 2 ** 22;
/** Destinations over all services, deleted ones that still have connections included. */
export const MOST_DESTINATIONS = 2 ** 16;

/** Totals that pumps count for each destination, as words of a Float64Array, exact up to 2^53. */
export const COUNTERS_PER_DESTINATION = 4;
export const IN_PACKETS = 0;
export const OUT_PACKETS = 1;
export const IN_BYTES = 2;
export const OUT_BYTES = 3;

/** A row of the destination table: struct sockaddr, then one byte of flags, padded. */
export const DESTINATION_ROW_BYTES = 32;
export const DESTINATION_FLAGS_OFFSET = SOCKET_ADDRESS_BYTES;
export const FLAG_PROXY_PROTOCOL = 1;

/** What the balancer and all pumps share. Every word has one writer; readers may see it a moment late. */
export interface SharedMemory {
  /** Uint32 for each connection, written by its pump: when bytes last passed, in {@link activityTick}s. */
  readonly activity: SharedArrayBuffer;
  /** Rows written by the balancer before it names them in a message. */
  readonly destinations: SharedArrayBuffer;
  /** One for each pump: {@link COUNTERS_PER_DESTINATION} Float64 for each destination. */
  readonly counters: readonly SharedArrayBuffer[];
}

export function createSharedMemory(pumps: number): SharedMemory {
  return {
    activity: new SharedArrayBuffer(MOST_CONNECTIONS * 4),
    destinations: new SharedArrayBuffer(MOST_DESTINATIONS * DESTINATION_ROW_BYTES),
    counters: Array.from(
      { length: pumps },
      () => new SharedArrayBuffer(MOST_DESTINATIONS * COUNTERS_PER_DESTINATION * 8),
    ),
  };
}

/** A point of the monotonic clock, in milliseconds, as tenths of a second in 32 bits (they wrap after 13 years). */
export function activityTick(milliseconds: number): number {
  return (milliseconds / 100) >>> 0;
}
