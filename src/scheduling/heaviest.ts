import { isEligible } from './eligible.ts';
import type { SchedulerDestination } from './scheduler.ts';

/** The eligible destination with the greatest weight that has room; the first of the list where several have it. */
export function heaviest<D extends SchedulerDestination>(
  destinations: readonly D[],
  hasRoom: (destination: SchedulerDestination) => boolean,
): D | undefined {
  let found: D | undefined;
  let foundWeight = 0;
  for (const destination of destinations) {
    if (destination.weight > foundWeight && isEligible(destination) && hasRoom(destination)) {
      found = destination;
      foundWeight = destination.weight;
    }
  }
  return found;
}
