import type { CounterValues } from '../../../model/estimator.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import type { LiveStatistics } from '../../table/live-statistics.ts';
import { viewOf } from '../codec/address-codec.ts';
import { decodeCounters } from '../codec/counters-codec.ts';

/** Bytes of one page at most: with many processors few counters fill it. */
const PAGE_BYTES = 1 << 20;

/** Counters of one of the per-CPU arrays, added up. */
export class CounterReader {
  readonly #map: BpfMap;
  readonly #key: Uint8Array;
  readonly #value: Uint8Array;

  constructor(map: BpfMap) {
    this.#map = map;
    this.#key = new Uint8Array(4);
    this.#value = new Uint8Array(map.valueSize);
  }

  /** Those of one id. */
  read(id: number): CounterValues {
    new DataView(this.#key.buffer).setUint32(0, id, true);
    this.#map.lookup(this.#key, this.#value);
    return decodeCounters(this.#value, this.#map.cpus);
  }

  /** Brings the statistics of all ids below `end` up to date; those without an owner are passed over. */
  refresh(end: number, ownerOf: (id: number) => LiveStatistics | undefined): void {
    if (end === 0) return;
    const { valueSize, cpus } = this.#map;
    const pageSize = Math.max(1, Math.min(end, Math.floor(PAGE_BYTES / valueSize)));
    for (const { count, keys, values } of readPages(this.#map, pageSize)) {
      const ids = new Uint32Array(keys.buffer, keys.byteOffset, count);
      const view = viewOf(values);
      for (const [index, id] of ids.entries()) {
        const statistics = id < end ? ownerOf(id) : undefined;
        if (statistics === undefined) continue;
        statistics.set(decodeCounters(view, cpus, index * valueSize));
      }
      if ((ids[count - 1] ?? 0) + 1 >= end) return;
    }
  }
}
