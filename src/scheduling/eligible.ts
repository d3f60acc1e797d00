import type { SchedulerDestination } from './scheduler.ts';

/**
 * Whether a destination may take a new connection at all: not quiesced, not over its threshold, not deleted.
 * Schedulers see deleted destinations only in what they remember (tables, caches).
 */
export function isEligible(destination: SchedulerDestination): boolean {
  return destination.weight > 0 && !destination.overloaded && destination.available;
}
