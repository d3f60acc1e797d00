import { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { BPF_F_INNER_MAP, BPF_MAP_TYPE_ARRAY } from '../../../system/bpf/constants.ts';
import { NO_SELECTION } from '../selection/selection-words.ts';
import { MapBatch, type MapWriter } from './map-writer.ts';

/**
 * Arrays that wait for their place at most. Each is a descriptor, of which a process may have only 1024; and after each batch the
 * kernel waits until no packet can be at work with what was replaced (kernel/bpf/syscall.c, maybe_wait_bpf_programs).
 */
const MOST_WAITING = 256;

/** The map `selection`: gives services arrays of words. */
export class SelectionWriter {
  readonly #writer: MapWriter;
  readonly #outer: MapBatch;
  #waiting: { readonly array: BpfMap; readonly placed: (() => void) | undefined }[] = [];
  #indexes = new Uint32Array(0);
  #nobody: BpfMap | undefined;

  constructor(selection: BpfMap, writer: MapWriter) {
    this.#writer = writer;
    this.#outer = new MapBatch(selection, writer);
  }

  /** `placed` is called once packets see these words. */
  put(id: number, words: Uint32Array, placed?: () => void): void {
    const array = this.#array(words);
    this.#waiting.push({ array, placed });
    this.#outer.put(id, descriptor(array));
    if (this.#waiting.length === MOST_WAITING) this.flush();
  }

  /** For services that are gone: a removal would make the kernel wait for each. */
  putNobody(id: number): void {
    this.#nobody ??= this.#array(NO_SELECTION);
    this.#outer.put(id, descriptor(this.#nobody));
  }

  flush(): void {
    try {
      this.#outer.flush();
      for (const { placed } of this.#waiting) placed?.();
    } finally {
      for (const { array } of this.#waiting) array.close();
      this.#waiting = [];
    }
  }

  close(): void {
    this.#nobody?.close();
    this.#nobody = undefined;
  }

  #array(words: Uint32Array): BpfMap {
    const array = BpfMap.create({
      type: BPF_MAP_TYPE_ARRAY,
      keySize: 4,
      valueSize: 4,
      maxEntries: words.length,
      flags: BPF_F_INNER_MAP,
      name: 'vipr_selection',
    });
    try {
      this.#writer.update(array, bytesOf(this.#indexesUpTo(words.length)), bytesOf(words), words.length);
      return array;
    } catch (error) {
      array.close();
      throw error;
    }
  }

  #indexesUpTo(length: number): Uint32Array {
    if (this.#indexes.length < length) {
      this.#indexes = Uint32Array.from({ length: 2 * length }, (_, index) => index);
    }
    return this.#indexes;
  }
}

function descriptor(map: BpfMap): Uint8Array {
  return bytesOf(Uint32Array.of(map.fd));
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
