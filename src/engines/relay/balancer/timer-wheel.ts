/** Buckets of one second; what expires later than a turn of the wheel is passed over until its turn comes. */
const BUCKETS = 1024;
const NONE = -1;

/**
 * Timers by slot, with a resolution of one second. The wheel holds slots, not times: when a slot's second comes its owner
 * says whether it has expired or when to look again, so that traffic never has to touch the wheel.
 */
export class TimerWheel {
  readonly #heads = new Int32Array(BUCKETS).fill(NONE);
  #next = new Int32Array(1024);
  #previous = new Int32Array(1024);
  #bucket = new Int32Array(1024).fill(NONE);
  #last: number;

  /** @param now seconds on the monotonic clock */
  constructor(now: number) {
    this.#last = Math.floor(now);
  }

  /** Looks at the slot at the given second of the monotonic clock, at the earliest in the next one. A slot has one timer. */
  schedule(slot: number, second: number): void {
    this.cancel(slot);
    this.#ensure(slot);
    const bucket = Math.max(Math.ceil(second), this.#last + 1) % BUCKETS;
    const next = this.#heads[bucket] ?? NONE;
    this.#next[slot] = next;
    this.#previous[slot] = NONE;
    if (next !== NONE) this.#previous[next] = slot;
    this.#heads[bucket] = slot;
    this.#bucket[slot] = bucket;
  }

  cancel(slot: number): void {
    const bucket = this.#bucket[slot] ?? NONE;
    if (bucket === NONE) return;
    const next = this.#next[slot] ?? NONE;
    const previous = this.#previous[slot] ?? NONE;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#heads[bucket] = next;
    this.#bucket[slot] = NONE;
  }

  /**
   * Calls `due` for each slot whose second has come by `now`. It returns the second to look again, or undefined where the
   * timer is done; it may schedule and cancel any slot meanwhile.
   */
  advance(now: number, due: (slot: number) => number | undefined): void {
    const until = Math.floor(now);
    const turns = Math.min(until - this.#last, BUCKETS);
    for (let second = until - turns + 1; second <= until; second++) {
      this.#last = second;
      this.#run(second % BUCKETS, due);
    }
    this.#last = Math.max(this.#last, until);
  }

  #run(bucket: number, due: (slot: number) => number | undefined): void {
    const slots: number[] = [];
    for (let slot = this.#heads[bucket] ?? NONE; slot !== NONE; slot = this.#next[slot] ?? NONE)
      slots.push(slot);
    for (const slot of slots) {
      if (this.#bucket[slot] !== bucket) continue;
      this.cancel(slot);
      const again = due(slot);
      if (again !== undefined) this.schedule(slot, again);
    }
  }

  #ensure(slot: number): void {
    if (slot < this.#next.length) return;
    const capacity = Math.max(slot + 1, this.#next.length * 2);
    const next = new Int32Array(capacity);
    const previous = new Int32Array(capacity);
    const bucket = new Int32Array(capacity).fill(NONE);
    next.set(this.#next);
    previous.set(this.#previous);
    bucket.set(this.#bucket);
    this.#next = next;
    this.#previous = previous;
    this.#bucket = bucket;
  }
}
