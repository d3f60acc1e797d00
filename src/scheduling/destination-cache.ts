import type { IpAddress } from '../model/address.ts';
import {
  CacheCollector,
  type CachedUse,
  cacheBucket,
  EXPIRATION,
  RUN_INTERVAL,
  RUNS_TO_FULL_SWEEP,
} from './cache-collector.ts';

/**
 * What lblc and lblcr remember for each destination address of a packet. Entries that are not used are collected as
 * the kernel's timer does (ip_vs_lblc.c, ip_vs_lblc_check_expire): each look-up first makes up for the runs
 * that were due since the last one.
 */
export class DestinationCache<Value> {
  readonly #now: () => number;
  readonly #entries = new Map<IpAddress, Entry<Value>>();
  #lastRun: number;
  readonly #collector = new CacheCollector<IpAddress>();

  constructor(now: () => number) {
    this.#now = now;
    this.#lastRun = now();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value for an address, which counts as used by this. */
  use(address: IpAddress): Value | undefined {
    const now = this.#now();
    this.#catchUp(now);
    const entry = this.#entries.get(address);
    if (entry === undefined) return undefined;
    entry.lastUse = now;
    return entry.value;
  }

  set(address: IpAddress, value: Value): void {
    this.#entries.set(address, { value, bucket: cacheBucket(address), lastUse: this.#now() });
  }

  /** Each run sees the time at which it was due; those of more than a day ago no longer make a difference. */
  #catchUp(now: number): void {
    const due = Math.floor((now - this.#lastRun) / RUN_INTERVAL);
    for (let backlog = Math.min(due, LONGEST_BACKLOG) - 1; backlog >= 0; backlog--) {
      const time = this.#lastRun + (due - backlog) * RUN_INTERVAL;
      for (const address of this.#collector.run(this.#entries, time)) this.#entries.delete(address);
    }
    this.#lastRun += due * RUN_INTERVAL;
  }
}

/** Runs of a day, and some for the full sweep that follows. */
const LONGEST_BACKLOG = EXPIRATION / RUN_INTERVAL + 2 * RUNS_TO_FULL_SWEEP;

interface Entry<Value> extends CachedUse {
  readonly value: Value;
  lastUse: number;
}
