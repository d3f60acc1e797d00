/**
 * Source hashing (kernel: ip_vs_sh.c). The client's address, with `sh-port` also its port, chooses one of
 * 256 buckets. They are dealt round the list, each destination taking as many in a row as it weighs, at least one.
 * Where the bucket's destination is not eligible nobody is chosen, or, with `sh-fallback`, the first eligible
 * one of a walk over all buckets that starts at a place given by the hash.
 */
import { foldAddress } from '../model/address.ts';
import { isEligible } from './eligible.ts';
import { BUCKET_BITS, BUCKETS, bucketsByWeight } from './hash-buckets.ts';
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

class SourceHashing<D extends SchedulerDestination> implements Scheduler<D> {
  readonly #service: SchedulerService<D>;
  #buckets: readonly D[] = [];
  /** Rebuilt at the next look-up rather than at each change: whoever adds a thousand destinations pays once. */
  #stale = true;

  constructor(service: SchedulerService<D>) {
    this.#service = service;
  }

  schedule(request: SchedulingRequest): D | undefined {
    if (this.#stale) {
      this.#stale = false;
      this.#buckets = bucketsByWeight(this.#service.destinations);
    }
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
}
