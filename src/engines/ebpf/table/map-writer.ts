import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { deleteEntries } from '../../../system/bpf/delete-entries.ts';
import { updateEntries } from '../../../system/bpf/update-entries.ts';

/** How the table changes maps. Tests put one in its place that dies on the way. */
export interface MapWriter {
  /** Entries lie one behind the other. */
  readonly update: (map: BpfMap, keys: Uint8Array, values: Uint8Array, count: number) => void;
  readonly delete: (map: BpfMap, keys: Uint8Array, count: number) => void;
}

export const systemMapWriter: MapWriter = {
  update: updateEntries,
  delete: (map, keys, count) => void deleteEntries(map, keys, count),
};

/** Entries of one system call: some milliseconds at most. */
const MOST_ENTRIES = 4096;

/** Collects changes of one map and makes them in few system calls, in their order. */
export class MapBatch {
  readonly #map: BpfMap;
  readonly #writer: MapWriter;
  #keys: Uint8Array;
  #values: Uint8Array;
  #count = 0;

  constructor(map: BpfMap, writer: MapWriter) {
    this.#map = map;
    this.#writer = writer;
    this.#keys = new Uint8Array(map.keySize);
    this.#values = new Uint8Array(map.valueSize);
  }

  put(key: Uint8Array | number, value: Uint8Array): void {
    this.#reserve();
    const at = this.#count * this.#map.keySize;
    if (typeof key === 'number') new DataView(this.#keys.buffer).setUint32(at, key, true);
    else this.#keys.set(key, at);
    this.#values.set(value, this.#count * this.#map.valueSize);
    this.#count += 1;
    if (this.#count === MOST_ENTRIES) this.flush();
  }

  flush(): void {
    const count = this.#count;
    this.#count = 0;
    if (count > 0) this.#writer.update(this.#map, this.#keys, this.#values, count);
  }

  #reserve(): void {
    const room = this.#keys.length / this.#map.keySize;
    if (this.#count < room) return;
    this.#keys = grown(this.#keys);
    this.#values = grown(this.#values);
  }
}

/** Twice the bytes. */
function grown(bytes: Uint8Array): Uint8Array {
  const twice = new Uint8Array(2 * bytes.length);
  twice.set(bytes);
  return twice;
}
