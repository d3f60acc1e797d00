/**
 * Locality-based least connections with replication (kernel: ip_vs_lblcr.c). As lblc, but an address is remembered with
 * a set of destinations: the least loaded of them takes the packet, and where that is busy wlc chooses from the whole
 * list and the set grows by the choice. A set that has not changed for a day loses its most loaded member.
 */
import { isBusy } from './busy.ts';
import { EXPIRATION } from './cache-collector.ts';
import { DestinationCache } from './destination-cache.ts';
import { leastLoaded } from './least-loaded.ts';
import { connectionOverhead } from './overhead.ts';
import { productExceeds } from './product-exceeds.ts';
import type {
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerModules,
  SchedulerService,
  SchedulingRequest,
} from './scheduler.ts';

export const lblcr: SchedulerDefinition = {
  name: 'lblcr',
  bind<D extends SchedulerDestination>(
    service: SchedulerService<D>,
    modules: SchedulerModules,
  ): Scheduler<D> {
    const cache = new DestinationCache<DestinationSet<D>>(modules.now);
    return {
      schedule({ virtualAddress }: SchedulingRequest): D | undefined {
        const { destinations } = service;
        const now = modules.now();
        const known = cache.use(virtualAddress);
        if (known !== undefined) {
          const least = leastLoaded(known.members, connectionOverhead);
          shrink(known, now);
          if (least !== undefined && !isBusy(least, destinations)) return least;
        }
        const chosen = leastLoaded(destinations, connectionOverhead);
        if (chosen === undefined) return undefined;
        if (known === undefined) cache.set(virtualAddress, { members: [chosen], lastModified: now });
        else insert(known, chosen, now);
        return chosen;
      },
    };
  },
};

interface DestinationSet<D> {
  /** The newest first. */
  readonly members: D[];
  /** Milliseconds on the scheduler's clock. */
  lastModified: number;
}

function insert<D>(set: DestinationSet<D>, destination: D, now: number): void {
  if (set.members.includes(destination)) return;
  set.members.unshift(destination);
  set.lastModified = now;
}

function shrink(set: DestinationSet<SchedulerDestination>, now: number): void {
  if (set.members.length < 2 || now - set.lastModified <= EXPIRATION) return;
  const most = mostLoaded(set.members);
  if (most === undefined) return;
  set.members.splice(set.members.indexOf(most), 1);
  set.lastModified = now;
}

/** The greatest ratio of overhead to weight; also among members that are overloaded or deleted (ip_vs_dest_set_max). */
function mostLoaded(members: readonly SchedulerDestination[]): SchedulerDestination | undefined {
  let most: SchedulerDestination | undefined;
  let mostOverhead = 0;
  for (const member of members) {
    if (member.weight === 0) continue;
    const overhead = connectionOverhead(member);
    if (most === undefined || productExceeds(overhead, most.weight, mostOverhead, member.weight)) {
      most = member;
      mostOverhead = overhead;
    }
  }
  return most;
}
