import { isEligible } from './eligible.ts';
import { productExceeds } from './product-exceeds.ts';
import type { SchedulerDestination } from './scheduler.ts';

/**
 * The eligible destination with the smallest overhead per weight; the first of the list where several have it.
 * With everything idle every ratio is 0 and the first is taken, whatever the weights (ip_vs_wlc.c, ip_vs_wlc_schedule).
 */
export function leastLoaded<D extends SchedulerDestination>(
  destinations: readonly D[],
  overheadOf: (destination: SchedulerDestination) => number,
): D | undefined {
  let least: D | undefined;
  let leastOverhead = 0;
  for (const destination of destinations) {
    if (!isEligible(destination)) continue;
    const overhead = overheadOf(destination);
    if (least === undefined || productExceeds(leastOverhead, destination.weight, overhead, least.weight)) {
      least = destination;
      leastOverhead = overhead;
    }
  }
  return least;
}
