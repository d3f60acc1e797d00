/**
 * Destination hashing (kernel: ip_vs_dh.c). The packet's destination address chooses one of 256 buckets, which are
 * dealt to the destinations of the list in turn, whatever their weights. Nobody is chosen where the bucket's
 * destination is not eligible. For caches behind a firewall mark: each origin address stays with one cache.
 */
import { foldAddress } from '../model/address.ts';
import { isEligible } from './eligible.ts';
import { BUCKET_BITS } from './hash-buckets.ts';
import { hash32 } from './hash32.ts';
import type {
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerService,
  SchedulingRequest,
} from './scheduler.ts';

export const dh: SchedulerDefinition = {
  name: 'dh',
  bind: <D extends SchedulerDestination>(service: SchedulerService<D>): Scheduler<D> => ({
    schedule(request: SchedulingRequest): D | undefined {
      // Bucket b holds destination b modulo their number: the table need not exist to be looked up.
      const bucket = hash32(foldAddress(request.virtualAddress), BUCKET_BITS);
      const chosen = service.destinations[bucket % service.destinations.length];
      return chosen !== undefined && isEligible(chosen) ? chosen : undefined;
    },
  }),
};
