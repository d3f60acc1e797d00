import type { IpAddress } from '../../model/address.ts';
import type { SyncSourceStatus } from '../../model/sync-status.ts';
import type { SyncServiceModules } from '../service-modules.ts';
import { FAULT_GRACE_MS, FIRST_BEACONS_MS, SILENCE_MS } from '../timing.ts';
import { KnownMaster } from './known-master.ts';

/** Anybody can send to the group. */
const MOST_MASTERS = 32;

/** The masters that a backup hears, and what it has to wait for until it has what there is to have. */
export class KnownMasters {
  readonly #clock: Pick<SyncServiceModules, 'now' | 'wallClock'>;
  readonly #masters = new Map<string, KnownMaster>();
  readonly #started: number;
  #listening: number | undefined;

  constructor(clock: Pick<SyncServiceModules, 'now' | 'wallClock'>) {
    this.#clock = clock;
    this.#started = clock.now();
  }

  /** From now on all masters can be heard. */
  listen(): void {
    this.#listening = this.#clock.now();
  }

  /** The master with that address and sync ID; undefined where there are too many that speak. */
  find(address: IpAddress, syncId: number): KnownMaster | undefined {
    const key = `${syncId} ${address}`;
    const known = this.#masters.get(key);
    if (known !== undefined) return known;
    if (this.#masters.size >= MOST_MASTERS && !this.#forgetSilent()) return undefined;
    const master = new KnownMaster(address, this.#clock);
    this.#masters.set(key, master);
    return master;
  }

  /** Who is to be asked for its whole table now. */
  due(): readonly KnownMaster[] {
    return [...this.#masters.values()].filter(({ isDue }) => isDue);
  }

  /** Has all asked again. */
  want(): void {
    for (const master of this.#masters.values()) master.want();
  }

  status(): readonly SyncSourceStatus[] {
    return [...this.#masters.values()].map((master) => master.status());
  }

  /**
   * What is missing, a phrase; undefined where the backup is synchronised. A backup whose interface does not work has nobody to ask: it waits for
   * that a while after its start, and no more later.
   */
  waitingFor(device: string): string | undefined {
    const awaited = [...this.#masters.values()].filter(({ isAwaited }) => isAwaited);
    if (awaited.length > 0)
      return `the whole table of ${awaited.map(({ address }) => address).join(' and ')}`;
    const now = this.#clock.now();
    const listening = this.#listening;
    if (listening === undefined) return now - this.#started < FAULT_GRACE_MS ? device : undefined;
    const isGiven = [...this.#masters.values()].some(({ gaveTable }) => gaveTable >= listening);
    return now - listening < (isGiven ? FIRST_BEACONS_MS : SILENCE_MS) ? 'beacons of masters' : undefined;
  }

  #forgetSilent(): boolean {
    const silentSince = this.#clock.now() - SILENCE_MS;
    const [longest] = [...this.#masters].toSorted(([, one], [, other]) => one.heard - other.heard);
    if (longest === undefined || longest[1].heard > silentSince) return false;
    return this.#masters.delete(longest[0]);
  }
}
