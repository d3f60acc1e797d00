import { foldAddress, type IpAddress } from '../model/address.ts';
import { hash32 } from './hash32.ts';

/** Milliseconds that an entry, or a set of lblcr, goes unused or unchanged (sysctl lblc_expiration, lblcr_expiration). */
export const EXPIRATION = 24 * 60 * 60 * 1000;
/** Milliseconds between two runs (CHECK_EXPIRE_INTERVAL). */
export const RUN_INTERVAL = 60 * 1000;
/** COUNT_FOR_FULL_EXPIRATION. */
export const RUNS_TO_FULL_SWEEP = 30;

/** What the collection of an entry of a cache depends on. */
export interface CachedUse {
  /** {@link cacheBucket} of its address. */
  readonly bucket: number;
  /** Milliseconds. */
  readonly lastUse: number;
}

/** The row of IPVS's table that an address is in. */
export function cacheBucket(address: IpAddress): number {
  return hash32(foldAddress(address), BUCKET_BITS);
}

/**
 * Which entries leave the cache of one lblc or lblcr service (ip_vs_lblc.c, ip_vs_lblc_check_expire and
 * ip_vs_lblc_full_check).
 */
export class CacheCollector<Key> {
  /** Runs that had nothing to do since the last full sweep, and one. */
  #quietRuns = 1;
  /** The bucket where the last collection stopped. */
  #rover = 0;

  /** The keys that leave in the run that is due at `time`; to be called every {@link RUN_INTERVAL}. */
  run(entries: ReadonlyMap<Key, CachedUse>, time: number): readonly Key[] {
    if (this.#quietRuns % RUNS_TO_FULL_SWEEP === 0) {
      this.#quietRuns = 1;
      return [...entries].filter(([, { lastUse }]) => time - lastUse >= EXPIRATION).map(([key]) => key);
    }
    if (entries.size > MOST_ENTRIES) return this.#collect(entries, time);
    this.#quietRuns++;
    return [];
  }

  /** Empties whole buckets of what was not used for a while, until enough is gone. */
  #collect(entries: ReadonlyMap<Key, CachedUse>, time: number): readonly Key[] {
    const idle: Key[][] = Array.from({ length: BUCKETS }, () => []);
    for (const [key, { lastUse, bucket }] of entries) {
      if (time - lastUse >= IDLE_TIME) idle[bucket]?.push(key);
    }
    const excess = entries.size - MOST_ENTRIES;
    const goal = Math.min(Math.floor((excess * 4) / 3), MOST_ENTRIES / 2);
    const leaving: Key[] = [];
    for (let visited = 0; visited < BUCKETS && leaving.length < goal; visited++) {
      this.#rover = (this.#rover + 1) % BUCKETS;
      leaving.push(...(idle[this.#rover] ?? []));
    }
    return leaving;
  }
}

/** IP_VS_LBLC_TAB_BITS and IP_VS_LBLCR_TAB_BITS. */
const BUCKET_BITS = 10;
const BUCKETS = 1 << BUCKET_BITS;
const MOST_ENTRIES = 16 * BUCKETS;
/** Milliseconds without use after which an entry of a full cache may go (ENTRY_TIMEOUT). */
const IDLE_TIME = 6 * 60 * 1000;
