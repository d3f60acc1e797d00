import type { Family } from '../../../model/address.ts';
import {
  CacheCollector,
  type CachedUse,
  cacheBucket,
  RUN_INTERVAL,
} from '../../../scheduling/cache-collector.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import { cacheService, decodeCacheEntry, decodeCacheKey, encodeCacheEntry } from '../codec/cache-codec.ts';
import type { JiffiesClock } from '../jiffies.ts';
import type { MapWriter } from './map-writer.ts';

/** Who may be in the cache: by service and destination ids. */
export interface CacheOwners {
  /** The family of a service with lblc or lblcr; undefined for any other. */
  readonly familyOf: (service: number) => Family | undefined;
  readonly isMember: (service: number, destination: number) => boolean;
}

/** The map `balance_cache`, which the data plane fills: what is not used leaves by the rules of lblc and lblcr. */
export class BalanceCache {
  readonly #map: BpfMap;
  readonly #writer: MapWriter;
  readonly #clock: JiffiesClock;
  readonly #owners: CacheOwners;
  readonly #collectors = new Map<number, CacheCollector<Uint8Array>>();
  #nextRun: number;

  /** `now` is in milliseconds. */
  constructor(map: BpfMap, writer: MapWriter, clock: JiffiesClock, owners: CacheOwners, now: number) {
    this.#map = map;
    this.#writer = writer;
    this.#clock = clock;
    this.#owners = owners;
    this.#nextRun = now + RUN_INTERVAL;
  }

  isDue(now: number): boolean {
    return now >= this.#nextRun;
  }

  /** Collects what is due at `now`, and cleans: a run a minute. */
  run(now: number): void {
    this.#nextRun = now + RUN_INTERVAL;
    const jiffies = this.#clock.now();
    const age = (lastUse: number): number => ((jiffies - lastUse) * 1000) / this.#clock.hz;
    const leaving: Uint8Array[] = [];
    const uses = new Map<number, Map<Uint8Array, CachedUse>>();
    this.#scan((key, service, family, lastUse) => {
      const { address } = decodeCacheKey(key, family);
      const entries = uses.get(service) ?? new Map<Uint8Array, CachedUse>();
      uses.set(service, entries.set(key, { bucket: cacheBucket(address), lastUse: now - age(lastUse) }));
    }, leaving);
    for (const service of this.#collectors.keys()) if (!uses.has(service)) this.#collectors.delete(service);
    for (const [service, entries] of uses) {
      const collector = this.#collectors.get(service) ?? new CacheCollector<Uint8Array>();
      this.#collectors.set(service, collector);
      leaving.push(...collector.run(entries, now));
    }
    this.#delete(leaving);
  }

  /** Removes entries of services that have no cache, and members that are not the service's. */
  clean(): void {
    const leaving: Uint8Array[] = [];
    this.#scan(() => undefined, leaving);
    this.#delete(leaving);
  }

  /** Shows the entries that may stay, and puts the keys of those that may not into `leaving`. */
  #scan(
    show: (key: Uint8Array, service: number, family: Family, lastUse: number) => void,
    leaving: Uint8Array[],
  ): void {
    const { keySize, valueSize } = this.#map;
    for (const { count, keys, values } of readPages(this.#map)) {
      for (let index = 0; index < count; index++) {
        const key = keys.slice(index * keySize, (index + 1) * keySize);
        const service = cacheService(key);
        const family = this.#owners.familyOf(service);
        const entry = decodeCacheEntry(values.subarray(index * valueSize, (index + 1) * valueSize));
        const members = entry.members.filter((member) => this.#owners.isMember(service, member));
        if (family === undefined || members.length === 0) {
          leaving.push(key);
          continue;
        }
        if (members.length < entry.members.length) {
          this.#writer.update(this.#map, key, encodeCacheEntry({ ...entry, members }), 1);
        }
        show(key, service, family, entry.lastUse);
      }
    }
  }

  #delete(keys: readonly Uint8Array[]): void {
    if (keys.length > 0) this.#writer.delete(this.#map, Buffer.concat(keys), keys.length);
  }
}
