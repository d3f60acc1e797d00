import koffi from 'koffi';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../constants.ts';
import { getpagesize, mmap, munmap } from '../libc.ts';
import { SystemCallError } from '../system-call-error.ts';
import type { BpfMap } from './bpf-map.ts';
import { BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ } from './constants.ts';

const MAP_FAILED = 2n ** 64n - 1n;

/**
 * The reader of a ring of records that programs write: BPF_MAP_TYPE_RINGBUF (linux 5.8; kernel/bpf/ringbuf.c, struct bpf_ringbuf). It is
 * asked, not woken, so programs write with BPF_RB_NO_WAKEUP. A ring has one reader at a time; where that stopped, the next one goes on. The
 * map's descriptor may be closed.
 */
export class RingBuffer {
  readonly #pageSize = getpagesize();
  /** Bytes of records that the ring holds, a power of two. */
  readonly #size: number;
  /** A page to write: how far the reader has come. */
  readonly #consumer: Mapping;
  /** A page to read, how far the writers have come, then the records, twice in a row: none of them is in two pieces. */
  readonly #producer: Mapping;
  readonly #consumed: BigInt64Array<ArrayBuffer>;
  readonly #produced: BigInt64Array<ArrayBuffer>;
  readonly #headers: Int32Array<ArrayBuffer>;
  readonly #records: Uint8Array<ArrayBuffer>;

  /** A SystemCallError with ENOTSUPP (524) or EINVAL for maps of other kinds. */
  constructor(map: BpfMap) {
    this.#size = map.maxEntries;
    this.#consumer = new Mapping(map.fd, PROT_READ | PROT_WRITE, this.#pageSize, 0);
    try {
      const length = this.#pageSize + 2 * this.#size;
      this.#producer = new Mapping(map.fd, PROT_READ, length, this.#pageSize);
    } catch (error) {
      this.#consumer.close();
      throw error;
    }
    this.#consumed = new BigInt64Array(this.#consumer.buffer, 0, 1);
    this.#produced = new BigInt64Array(this.#producer.buffer, 0, 1);
    this.#headers = new Int32Array(this.#producer.buffer, this.#pageSize);
    this.#records = new Uint8Array(this.#producer.buffer, this.#pageSize);
  }

  /**
   * Hands over what was written since, in order, and returns how many records that were: at most `limit`. It ends before a record that is
   * still being written. The bytes are the ring's own and hold only during the call; to write to them ends the process. A record whose
   * `take` throws counts as read.
   */
  read(take: (record: Uint8Array) => void, limit = Number.POSITIVE_INFINITY): number {
    if (this.#consumed.length === 0) throw new TypeError('the ring is closed');
    const produced = Number(Atomics.load(this.#produced, 0));
    let consumed = Number(Atomics.load(this.#consumed, 0));
    let count = 0;
    while (consumed < produced && count < limit) {
      const at = consumed % this.#size;
      // Loaded as the writer stores it: what is behind a header without the busy bit is whole.
      const header = Atomics.load(this.#headers, at / 4) >>> 0;
      if (header >= BPF_RINGBUF_BUSY_BIT) break;
      const length = header % BPF_RINGBUF_DISCARD_BIT;
      const start = at + BPF_RINGBUF_HDR_SZ;
      consumed += Math.ceil((BPF_RINGBUF_HDR_SZ + length) / 8) * 8;
      try {
        if (header === length) {
          count += 1;
          take(this.#records.subarray(start, start + length));
        }
      } finally {
        Atomics.store(this.#consumed, 0, BigInt(consumed));
      }
    }
    return count;
  }

  /** Ends the mapping; what was not read stays in the ring. */
  close(): void {
    this.#consumer.close();
    this.#producer.close();
  }
}

class Mapping {
  readonly buffer: ArrayBuffer;
  readonly #address: number | bigint;
  readonly #length: number;

  constructor(fd: number, protection: number, length: number, offset: number) {
    this.#length = length;
    this.#address = mmap(null, length, protection, MAP_SHARED, fd, offset);
    if (BigInt(this.#address) === MAP_FAILED) throw new SystemCallError('mmap');
    this.buffer = koffi.view(BigInt(this.#address), length);
  }

  close(): void {
    if (this.buffer.byteLength === 0) return;
    // No view reaches what is no longer there.
    this.buffer.transfer();
    munmap(this.#address, this.#length);
  }
}
