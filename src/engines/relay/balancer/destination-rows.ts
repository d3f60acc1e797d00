import { addressBytes } from '../../../model/address.ts';
import { ViprError } from '../../../model/error.ts';
import { writeSocketAddress } from '../../../system/socket-address.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import {
  COUNTERS_PER_DESTINATION,
  DESTINATION_FLAGS_OFFSET,
  DESTINATION_ROW_BYTES,
  FLAG_PROXY_PROTOCOL,
  IN_BYTES,
  IN_PACKETS,
  MOST_DESTINATIONS,
  OUT_BYTES,
  OUT_PACKETS,
  type SharedMemory,
} from '../channel/shared-memory.ts';

/**
 * The rows of the shared destination table: where pumps connect to, and where they count. A destination keeps its row
 * (its `slot`) until no connection refers to it any more.
 */
export class DestinationRows {
  readonly #table: Uint8Array;
  readonly #counters: readonly Float64Array[];
  /** What was collected of each row and counter so far. */
  readonly #collected = new Float64Array(MOST_DESTINATIONS * COUNTERS_PER_DESTINATION);
  readonly #used = new Set<LiveDestination>();
  readonly #leaving = new Set<LiveDestination>();
  readonly #free: number[] = [];
  #nextFresh = 0;

  constructor(memory: SharedMemory) {
    this.#table = new Uint8Array(memory.destinations);
    this.#counters = memory.counters.map((counters) => new Float64Array(counters));
  }

  /** Gives a destination a row, unless it has one still, and writes its settings there. */
  add(destination: LiveDestination): void {
    this.#leaving.delete(destination);
    if (destination.slot < 0) {
      if (this.#free.length === 0 && this.#nextFresh === MOST_DESTINATIONS) throw noRoom();
      destination.slot = this.#free.pop() ?? this.#nextFresh++;
      this.#used.add(destination);
    }
    this.write(destination);
  }

  write(destination: LiveDestination): void {
    const at = destination.slot * DESTINATION_ROW_BYTES;
    const row = this.#table.subarray(at, at + DESTINATION_ROW_BYTES);
    writeSocketAddress(row, addressBytes(destination.address), destination.port);
    row[DESTINATION_FLAGS_OFFSET] = destination.settings.proxyProtocol === 'v2' ? FLAG_PROXY_PROTOCOL : 0;
  }

  /** The destination was deleted: its row is free once nothing refers to it. */
  leave(destination: LiveDestination): void {
    this.#leaving.add(destination);
  }

  /** Frees rows of deleted destinations without connections. */
  sweep(): void {
    for (const destination of this.#leaving) {
      const { activeConnections, inactiveConnections, persistentConnections, slot } = destination;
      if (activeConnections + inactiveConnections + persistentConnections > 0) continue;
      this.#leaving.delete(destination);
      this.#used.delete(destination);
      destination.slot = -1;
      this.#free.push(slot);
    }
  }

  /** Adds what the pumps counted since the last time to the statistics. */
  collect(): void {
    for (const destination of this.#used) {
      const at = destination.slot * COUNTERS_PER_DESTINATION;
      const inPackets = this.#delta(at + IN_PACKETS);
      const outPackets = this.#delta(at + OUT_PACKETS);
      if (inPackets > 0) destination.countIn(inPackets, this.#delta(at + IN_BYTES));
      if (outPackets > 0) destination.countOut(outPackets, this.#delta(at + OUT_BYTES));
    }
  }

  #delta(word: number): number {
    let total = 0;
    for (const counters of this.#counters) total += counters[word] ?? 0;
    const delta = total - (this.#collected[word] ?? 0);
    this.#collected[word] = total;
    return delta;
  }
}

function noRoom(): ViprError {
  return new ViprError(
    'OUT_OF_RANGE',
    `the relay has no room for more than ${MOST_DESTINATIONS} destinations`,
    {
      hint: 'Delete destinations first; the rows of deleted ones are free once their connections are gone.',
    },
  );
}
