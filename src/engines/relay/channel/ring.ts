/** Words of 32 bits in one message. */
export const MESSAGE_WORDS = 8;

/** Written by the producer and by the consumer: kept apart by a cache line. */
const TAIL = 0;
const HEAD = 16;
const SLEEPING = 32;
const HEADER_WORDS = 48;

/**
 * Memory for messages of {@link MESSAGE_WORDS} words from one thread to another, in shared memory, in order, without locks: one
 * producer, one consumer. What does not fit waits on the producer's side, so nothing is ever lost.
 *
 * @param messages capacity, a power of two: positions count on and wrap at 2^32
 * @param start the first position
 */
export function createRingMemory(messages: number, start = 0): SharedArrayBuffer {
  const memory = new SharedArrayBuffer((HEADER_WORDS + messages * MESSAGE_WORDS) * 4);
  const words = new Int32Array(memory);
  words[TAIL] = start;
  words[HEAD] = start;
  return memory;
}

function messageCapacity(memory: SharedArrayBuffer): number {
  return (memory.byteLength / 4 - HEADER_WORDS) / MESSAGE_WORDS;
}

export class RingProducer {
  readonly #words: Int32Array;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #ring: () => void;
  #tail: number;
  #waiting: number[] = [];

  /** @param wake called when the consumer sleeps and a message waits for it */
  constructor(memory: SharedArrayBuffer, wake: () => void) {
    this.#words = new Int32Array(memory);
    this.#capacity = messageCapacity(memory);
    this.#mask = this.#capacity - 1;
    this.#tail = Atomics.load(this.#words, TAIL);
    this.#ring = wake;
  }

  /** Appends a message; words that are not given are 0. The consumer hears of it at the next {@link flush}. */
  push(kind: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0): void {
    if (this.#waiting.length > 0 || this.#full()) this.#waiting.push(kind, a, b, c, d, e, f, g);
    else this.#write(kind, a, b, c, d, e, f, g);
  }

  /** Publishes what was pushed and wakes the consumer if it sleeps. Call it before waiting for anything. */
  flush(): void {
    if (this.#waiting.length > 0) this.#writeWaiting();
    if (Atomics.load(this.#words, TAIL) === this.#tail) return;
    Atomics.store(this.#words, TAIL, this.#tail);
    if (Atomics.exchange(this.#words, SLEEPING, 0) === 1) this.#ring();
  }

  /** Whether messages wait for room: then flush again soon. */
  get congested(): boolean {
    return this.#waiting.length > 0;
  }

  #full(): boolean {
    return ((this.#tail - Atomics.load(this.#words, HEAD)) | 0) >= this.#capacity;
  }

  #write(kind: number, a: number, b: number, c: number, d: number, e: number, f: number, g: number): void {
    const words = this.#words;
    const at = HEADER_WORDS + (this.#tail & this.#mask) * MESSAGE_WORDS;
    words[at] = kind;
    words[at + 1] = a;
    words[at + 2] = b;
    words[at + 3] = c;
    words[at + 4] = d;
    words[at + 5] = e;
    words[at + 6] = f;
    words[at + 7] = g;
    this.#tail = (this.#tail + 1) | 0;
  }

  #writeWaiting(): void {
    let at = 0;
    const word = (offset: number): number => this.#waiting[at + offset] ?? 0;
    for (; at < this.#waiting.length && !this.#full(); at += MESSAGE_WORDS) {
      this.#write(word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7));
    }
    if (at > 0) this.#waiting = this.#waiting.slice(at);
  }
}

export class RingConsumer {
  readonly #words: Int32Array;
  readonly #mask: number;
  #head: number;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#mask = messageCapacity(memory) - 1;
    this.#head = Atomics.load(this.#words, HEAD);
  }

  /**
   * Hands each waiting message to `receive` as the words and the index of its first one; the words are valid during the
   * call only. Takes at most `most` messages and returns how many it took.
   */
  drain(receive: (words: Int32Array, at: number) => void, most: number): number {
    const tail = Atomics.load(this.#words, TAIL);
    let taken = 0;
    while (this.#head !== tail && taken < most) {
      receive(this.#words, HEADER_WORDS + (this.#head & this.#mask) * MESSAGE_WORDS);
      this.#head = (this.#head + 1) | 0;
      taken++;
    }
    if (taken > 0) Atomics.store(this.#words, HEAD, this.#head);
    return taken;
  }

  /** Announces that this thread is about to sleep. Returns false where a message came first: then do not sleep. */
  prepareSleep(): boolean {
    Atomics.store(this.#words, SLEEPING, 1);
    if (Atomics.load(this.#words, TAIL) === this.#head) return true;
    Atomics.store(this.#words, SLEEPING, 0);
    return false;
  }

  /** Ends the sleep; the producer stops ringing. */
  wake(): void {
    Atomics.store(this.#words, SLEEPING, 0);
  }
}
