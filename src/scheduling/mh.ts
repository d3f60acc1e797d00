/**
 * Maglev hashing (kernel: ip_vs_mh.c; Eisenbud et al., "Maglev", NSDI 2016, section 3.4). The client's address, with
 * `mh-port` also its port, chooses an entry of a table that each destination fills along a permutation of its own, in
 * turns as its weight says: when a server comes or goes, few clients of the others move. Quiescing
 * leaves the table as it is. Where the entry's destination is not eligible nobody is chosen, or, with `mh-fallback`,
 * the first eligible one that rehashing finds.
 */
import { foldAddress } from '../model/address.ts';
import { ViprError } from '../model/error.ts';
import { isEligible } from './eligible.ts';
import { MAGLEV_TABLE_SIZE, maglevHash, maglevTable } from './maglev-table.ts';
import type {
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerService,
  SchedulingRequest,
} from './scheduler.ts';

export const mh: SchedulerDefinition = {
  name: 'mh',
  /** Throws INVALID_OPERATION where the service has more destinations than the table has entries, as IPVS does. */
  bind<D extends SchedulerDestination>(service: SchedulerService<D>): Scheduler<D> {
    const count = service.destinations.length;
    if (count > MAGLEV_TABLE_SIZE) {
      throw new ViprError(
        'INVALID_OPERATION',
        `scheduler mh takes at most ${MAGLEV_TABLE_SIZE} destinations, the service has ${count}`,
        { hint: 'Choose another scheduler (wlc, sh), or split the service.' },
      );
    }
    return new MaglevHashing(service);
  },
};

class MaglevHashing<D extends SchedulerDestination> implements Scheduler<D> {
  readonly #service: SchedulerService<D>;
  #table: readonly (D | undefined)[] = [];
  /** Rebuilt at the next look-up rather than at each change: whoever adds a thousand destinations pays once. */
  #stale = true;

  constructor(service: SchedulerService<D>) {
    this.#service = service;
  }

  schedule(request: SchedulingRequest): D | undefined {
    if (this.#stale) {
      this.#stale = false;
      this.#table = maglevTable(this.#service.destinations);
    }
    const { flag1: fallback, flag2: byPort } = this.#service.schedulerFlags;
    const client = foldAddress(request.clientAddress) + (byPort ? request.clientPort : 0);
    const home = maglevHash(client) % MAGLEV_TABLE_SIZE;
    const chosen = this.#table[home];
    if (chosen === undefined) return undefined;
    if (isEligible(chosen)) return chosen;
    return fallback ? this.#rehash(client, home) : undefined;
  }

  destinationChanged(): void {
    this.#stale = true;
  }

  #rehash(client: number, home: number): D | undefined {
    for (let step = 0; step < MAGLEV_TABLE_SIZE; step++) {
      const offset = (step + home) % MAGLEV_TABLE_SIZE;
      const destination = this.#table[maglevHash(client + offset) % MAGLEV_TABLE_SIZE];
      if (destination !== undefined && isEligible(destination)) return destination;
    }
    return undefined;
  }
}
