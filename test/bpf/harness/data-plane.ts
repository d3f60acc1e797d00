import { join } from 'node:path';
import { decodeSyncEvent, type SyncEvent } from '../../../src/engines/ebpf/codec/sync-codec.ts';
import { OFFSET, SIZE } from '../../../src/engines/ebpf/layout.gen.ts';
import type { BpfMap } from '../../../src/system/bpf/bpf-map.ts';
import { BpfObject } from '../../../src/system/bpf/bpf-object.ts';
import { BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH } from '../../../src/system/bpf/constants.ts';
import { createMapIterator, walk } from '../../../src/system/bpf/map-iterator.ts';
import { RingBuffer } from '../../../src/system/bpf/ring-buffer.ts';
import { testRun } from '../../../src/system/bpf/test-run.ts';
import { updateEntries } from '../../../src/system/bpf/update-entries.ts';
import { entriesOf } from './map-entries.ts';

/** How many entries maps have; small ones load fast. */
export interface DataPlaneSizes {
  /** Of `connections4` and `connections6`. */
  readonly connections?: number;
  /** Of `replies4` and `replies6`; as many as connections unless given. */
  readonly replies?: number;
  /** Bytes of `sync_events`, a power of two of pages. */
  readonly events?: number;
}

/** More than any test needs; 32768 of the others would take 200 MiB and seconds. */
const ENTRIES: Readonly<Record<string, number>> = {
  services: 256,
  service_keys: 256,
  service_live: 256,
  service_counters: 256,
  service_zero: 256,
  selection: 256,
  destinations: 1024,
  destination_live: 1024,
  next_hops: 1024,
  destination_counters: 1024,
  destination_zero: 1024,
  balance_cache: 4096,
  fragments: 256,
  interfaces: 1024,
};
const CONNECTIONS = 8192;
const EVENT_BYTES = 1 << 20;

const HASHES: readonly number[] = [BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_LRU_HASH];

/** The object that users get, loaded with maps of its own that nothing pins. */
export class DataPlane {
  readonly #object: BpfObject;
  readonly #maps = new Map<string, BpfMap>();
  #ring: RingBuffer | undefined;

  /** Throws what the kernel says where it cannot be loaded. */
  constructor({
    connections = CONNECTIONS,
    replies = connections,
    events = EVENT_BYTES,
  }: DataPlaneSizes = {}) {
    this.#object = BpfObject.open(join(import.meta.dirname, '../../../bpf/vipr.bpf.o'));
    const entries = {
      ...ENTRIES,
      connections4: connections,
      connections6: connections,
      replies4: replies,
      replies6: replies,
      sync_events: events,
    };
    for (const [name, size] of Object.entries(entries)) this.#object.map(name).setMaxEntries(size);
    try {
      this.#object.load();
    } catch (error) {
      this.#object.close();
      throw error;
    }
  }

  /** A map by its name in bpf/maps.h. */
  map(name: string): BpfMap {
    const known = this.#maps.get(name);
    if (known !== undefined) return known;
    const map = this.#object.map(name).open();
    this.#maps.set(name, map);
    return map;
  }

  /** A program by its name in bpf/vipr.bpf.c; the descriptor is the object's. */
  program(name: string): { readonly fd: number } {
    return this.#object.program(name);
  }

  /** The kernel's clock, jiffies64. */
  jiffies(): number {
    const { context } = testRun(this.program('vipr_clock'), { context: new Uint8Array(SIZE.clock) });
    return Number(new DataView(context.buffer).getBigUint64(OFFSET.clock.jiffies, true));
  }

  /** What backups are to be told since this was asked last. */
  takeEvents(): SyncEvent[] {
    const events: SyncEvent[] = [];
    this.#ring ??= new RingBuffer(this.map('sync_events'));
    this.#ring.read((record) => events.push(decodeSyncEvent(record)));
    return events;
  }

  /** One pass over all connections: what expired goes. */
  sweep(): void {
    this.#iterate('vipr_sweep4', 'connections4');
    this.#iterate('vipr_sweep6', 'connections6');
  }

  /** One pass over reply entries: those that lead nowhere go with the second. */
  sweepReplies(): void {
    this.#iterate('vipr_sweep_replies4', 'replies4');
    this.#iterate('vipr_sweep_replies6', 'replies6');
  }

  /** Leaves it as it was after the load, but for the words of selections, to which nothing leads any more. */
  clear(): void {
    this.takeEvents();
    for (const name of this.#object.maps.keys()) {
      if (['selection', 'scratch', 'sync_events'].includes(name) || name.startsWith('.rodata')) continue;
      const map = this.map(name);
      if (HASHES.includes(map.type)) for (const [key] of entriesOf(map)) map.delete(key);
      else zero(map);
    }
  }

  close(): void {
    this.#ring?.close();
    for (const map of this.#maps.values()) map.close();
    this.#object.close();
  }

  #iterate(program: string, map: string): void {
    const iterator = createMapIterator(this.program(program), this.map(map));
    try {
      for (const _step of walk(iterator, 4096)) {
        // The program does the work.
      }
    } finally {
      iterator.close();
    }
  }
}

function zero(map: BpfMap): void {
  const indexes = Uint32Array.from({ length: map.maxEntries }, (_, index) => index);
  const values = new Uint8Array(map.maxEntries * map.valueSize);
  updateEntries(map, new Uint8Array(indexes.buffer), values, map.maxEntries);
}
