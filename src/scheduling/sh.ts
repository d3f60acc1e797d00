/**
 * Source hashing (kernel: ip_vs_sh.c). The client's address, with `sh-port` also its port, chooses one of
 * 256 buckets. They are dealt round the list, each destination taking as many in a row as it weighs, at least one.
 * Where the bucket's destination is not eligible nobody is chosen, or, with `sh-fallback`, the first eligible
 * one of a walk over all buckets that starts at a place given by the hash.
 */
import { foldAddress } from '../model/address.ts';
import { isEligible } from './eligible.ts';
import { hash32 } from './hash32.ts';
import type {
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerService,
  SchedulingRequest,
} from './scheduler.ts';

export const sh: SchedulerDefinition = {
  name: 'sh',
  bind: <D extends SchedulerDestination>(service: SchedulerService<D>): Scheduler<D> =>
    new SourceHashing(service),
};

/** The kernel's IP_VS_SH_TAB_BITS as built by default. */
const BUCKET_BITS = 8;
const BUCKETS = 1 << BUCKET_BITS;

class SourceHashing<D extends SchedulerDestination> implements Scheduler<D> {
  readonly #service: SchedulerService<D>;
  readonly #buckets: D[] = [];
  /** Rebuilt at the next look-up rather than at each change: whoever adds a thousand destinations pays once. */
  #stale = true;

  constructor(service: SchedulerService<D>) {
    this.#service = service;
  }

  schedule(request: SchedulingRequest): D | undefined {
    if (this.#stale) this.#deal();
    const { flag1: fallback, flag2: byPort } = this.#service.schedulerFlags;
    const port = byPort ? request.clientPort : 0;
    const home = hash32((foldAddress(request.clientAddress) + port) | 0, BUCKET_BITS);
    const chosen = this.#buckets[home];
    if (chosen === undefined) return undefined;
    if (isEligible(chosen)) return chosen;
    return fallback ? this.#walkFrom(home) : undefined;
  }

  destinationChanged(): void {
    this.#stale = true;
  }

  #walkFrom(home: number): D | undefined {
    for (let step = 0; step < BUCKETS; step++) {
      // The hash counts twice: once as where the walk starts, once as the offset that every look-up has.
      const destination = this.#buckets[(step + home + home) % BUCKETS];
      if (destination !== undefined && isEligible(destination)) return destination;
    }
    return undefined;
  }

  #deal(): void {
    this.#stale = false;
    this.#buckets.length = 0;
    const { destinations } = this.#service;
    if (destinations.length === 0) return;
    while (this.#buckets.length < BUCKETS) {
      for (const destination of destinations) {
        const end = Math.min(BUCKETS, this.#buckets.length + Math.max(1, destination.weight));
        while (this.#buckets.length < end) this.#buckets.push(destination);
      }
    }
  }
}
