/**
 * Locality-based least connections (kernel: ip_vs_lblc.c). Packets for one destination address go to one destination
 * until that is gone, quiesced or busy; then, and for a new address, wlc chooses and the choice is remembered. For
 * caches behind a firewall mark. A remembered destination takes connections also above its threshold.
 */
import { isBusy } from './busy.ts';
import { DestinationCache } from './destination-cache.ts';
import { leastLoaded } from './least-loaded.ts';
import { connectionOverhead } from './overhead.ts';
import type {
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerModules,
  SchedulerService,
  SchedulingRequest,
} from './scheduler.ts';

export const lblc: SchedulerDefinition = {
  name: 'lblc',
  bind<D extends SchedulerDestination>(
    service: SchedulerService<D>,
    modules: SchedulerModules,
  ): Scheduler<D> {
    const cache = new DestinationCache<D>(modules.now);
    return {
      schedule({ virtualAddress }: SchedulingRequest): D | undefined {
        const { destinations } = service;
        const known = cache.use(virtualAddress);
        if (known?.available && known.weight > 0 && !isBusy(known, destinations)) return known;
        const chosen = leastLoaded(destinations, connectionOverhead);
        if (chosen !== undefined) cache.set(virtualAddress, chosen);
        return chosen;
      },
    };
  },
};
