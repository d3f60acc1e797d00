import type { Timers } from './timers.ts';

/** Something that is going to happen. */
export interface QueuedTimer {
  readonly at: number;
  readonly callback: () => void;
  /** Its place in the heap, or one of the two below. */
  place: number;
}

/** It is called back in this turn. */
const DUE = -1;
/** It was called back, or called off. */
const OVER = -2;

/** Thousands of moments on one timer: a heap of them, the next one first. Those of the same moment come in no particular order. */
export class TimerQueue {
  readonly #now: () => number;
  readonly #timers: Timers;
  readonly #heap: QueuedTimer[] = [];
  #armedFor = Number.POSITIVE_INFINITY;
  #disarm: () => void = nothing;

  constructor(now: () => number, timers: Timers) {
    this.#now = now;
    this.#timers = timers;
  }

  /** How many there are. */
  get size(): number {
    return this.#heap.length;
  }

  /** Calls back once the clock shows `at`, never before this call has returned. */
  at(at: number, callback: () => void): QueuedTimer {
    const timer: QueuedTimer = { at, callback, place: this.#heap.length };
    this.#heap.push(timer);
    this.#rise(timer);
    if (timer.place === 0) this.#arm();
    return timer;
  }

  /** Calls a timer off; one that is over already stays so. */
  cancel(timer: QueuedTimer | undefined): void {
    if (timer === undefined || timer.place === OVER) return;
    if (timer.place !== DUE) this.#take(timer);
    timer.place = OVER;
    // With others left the queue wakes once for nothing, which costs less than to arm again for each that is called off.
    if (this.#heap.length === 0) this.#arm();
  }

  #arm(): void {
    const next = this.#heap[0];
    if (next !== undefined && this.#armedFor <= next.at) return;
    this.#disarm();
    this.#armedFor = next?.at ?? Number.POSITIVE_INFINITY;
    this.#disarm =
      next === undefined
        ? nothing
        : this.#timers.after(Math.max(0, Math.ceil(next.at - this.#now())), () => this.#run());
  }

  /** What callbacks add waits for the next turn, so that sockets get theirs in between. */
  #run(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#disarm = nothing;
    const now = this.#now();
    const due: QueuedTimer[] = [];
    for (let next = this.#heap[0]; next !== undefined && next.at <= now; next = this.#heap[0]) {
      this.#take(next);
      next.place = DUE;
      due.push(next);
    }
    this.#arm();
    for (const timer of due) {
      if (timer.place !== DUE) continue;
      timer.place = OVER;
      timer.callback();
    }
  }

  #take(timer: QueuedTimer): void {
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    last.place = timer.place;
    this.#heap[last.place] = last;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(timer: QueuedTimer): void {
    while (timer.place > 0) {
      const parent = this.#heap[(timer.place - 1) >> 1];
      if (parent === undefined || parent.at <= timer.at) return;
      this.#swap(parent, timer);
    }
  }

  #sink(timer: QueuedTimer): void {
    for (;;) {
      const left = this.#heap[2 * timer.place + 1];
      const right = this.#heap[2 * timer.place + 2];
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (child === undefined || child.at >= timer.at) return;
      this.#swap(timer, child);
    }
  }

  #swap(upper: QueuedTimer, lower: QueuedTimer): void {
    const place = upper.place;
    upper.place = lower.place;
    lower.place = place;
    this.#heap[upper.place] = upper;
    this.#heap[lower.place] = lower;
  }
}

function nothing(): void {}
