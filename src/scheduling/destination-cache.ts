import { foldAddress, type IpAddress } from '../model/address.ts';
import { hash32 } from './hash32.ts';

/** Milliseconds that an entry, or a set of lblcr, goes unused or unchanged (sysctl lblc_expiration, lblcr_expiration). */
export const EXPIRATION = 24 * 60 * 60 * 1000;

/**
 * What lblc and lblcr remember for each destination address of a packet. Entries that are not used are collected as
 * the kernel's timer does (ip_vs_lblc.c, ip_vs_lblc_check_expire): each look-up first makes up for the runs
 * that were due since the last one.
 */
export class DestinationCache<Value> {
  readonly #now: () => number;
  readonly #entries = new Map<IpAddress, Entry<Value>>();
  #lastRun: number;
  /** Runs that had nothing to do since the last full sweep, and one. */
  #quietRuns = 1;
  /** The bucket where the last collection stopped. */
  #rover = 0;

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
    const bucket = hash32(foldAddress(address), BUCKET_BITS);
    this.#entries.set(address, { value, bucket, lastUse: this.#now() });
  }

  /** Each run sees the time at which it was due; those of more than a day ago no longer make a difference. */
  #catchUp(now: number): void {
    const due = Math.floor((now - this.#lastRun) / RUN_INTERVAL);
    for (let backlog = Math.min(due, LONGEST_BACKLOG) - 1; backlog >= 0; backlog--) {
      this.#run(this.#lastRun + (due - backlog) * RUN_INTERVAL);
    }
    this.#lastRun += due * RUN_INTERVAL;
  }

  #run(time: number): void {
    if (this.#quietRuns % RUNS_TO_FULL_SWEEP === 0) {
      this.#quietRuns = 1;
      for (const [address, { lastUse }] of this.#entries) {
        if (time - lastUse >= EXPIRATION) this.#entries.delete(address);
      }
    } else if (this.#entries.size > MOST_ENTRIES) {
      this.#collect(time);
    } else {
      this.#quietRuns++;
    }
  }

  /** Empties whole buckets of what was not used for a while, until enough is gone. */
  #collect(time: number): void {
    const idle: IpAddress[][] = Array.from({ length: BUCKETS }, () => []);
    for (const [address, { lastUse, bucket }] of this.#entries) {
      if (time - lastUse >= IDLE_TIME) idle[bucket]?.push(address);
    }
    const excess = this.#entries.size - MOST_ENTRIES;
    let goal = Math.min(Math.floor((excess * 4) / 3), MOST_ENTRIES / 2);
    for (let visited = 0; visited < BUCKETS && goal > 0; visited++) {
      this.#rover = (this.#rover + 1) % BUCKETS;
      for (const address of idle[this.#rover] ?? []) {
        this.#entries.delete(address);
        goal--;
      }
    }
  }
}

/** IP_VS_LBLC_TAB_BITS and IP_VS_LBLCR_TAB_BITS. */
const BUCKET_BITS = 10;
const BUCKETS = 1 << BUCKET_BITS;
const MOST_ENTRIES = 16 * BUCKETS;
/** Milliseconds between two runs (CHECK_EXPIRE_INTERVAL). */
const RUN_INTERVAL = 60 * 1000;
/** COUNT_FOR_FULL_EXPIRATION. */
const RUNS_TO_FULL_SWEEP = 30;
/** Runs of a day, and some for the full sweep that follows. */
const LONGEST_BACKLOG = EXPIRATION / RUN_INTERVAL + 2 * RUNS_TO_FULL_SWEEP;
/** Milliseconds without use after which an entry of a full cache may go (ENTRY_TIMEOUT). */
const IDLE_TIME = 6 * 60 * 1000;

interface Entry<Value> {
  readonly value: Value;
  readonly bucket: number;
  /** Milliseconds on the scheduler's clock. */
  lastUse: number;
}
