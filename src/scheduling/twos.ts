/**
 * Power of two choices (kernel: ip_vs_twos.c). Draws two eligible destinations at random, each with the chance that its
 * weight gives it, and takes the one with the smaller ratio of overhead to weight; the first drawn where they are equal.
 * A draw is uniform from 0 to the sum of the weights, both included: 0 falls on the first of the list, too, and so
 * favours it slightly.
 */
import { isEligible } from './eligible.ts';
import { connectionOverhead } from './overhead.ts';
import type {
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerModules,
  SchedulerService,
} from './scheduler.ts';

export const twos: SchedulerDefinition = {
  name: 'twos',
  bind: <D extends SchedulerDestination>(
    service: SchedulerService<D>,
    modules: SchedulerModules,
  ): Scheduler<D> => ({
    schedule(): D | undefined {
      const { destinations } = service;
      const total = totalWeight(destinations);
      const first = drawn(destinations, Math.floor(modules.random() * (total + 1)));
      const second = drawn(destinations, Math.floor(modules.random() * (total + 1)));
      return first !== undefined && second !== undefined && isLessLoaded(second, first) ? second : first;
    },
  }),
};

function totalWeight(destinations: readonly SchedulerDestination[]): number {
  let total = 0;
  for (const destination of destinations) if (isEligible(destination)) total += destination.weight;
  return total;
}

/** The eligible destination in whose stretch of weight the number falls. */
function drawn<D extends SchedulerDestination>(destinations: readonly D[], number: number): D | undefined {
  let left = number;
  for (const destination of destinations) {
    if (!isEligible(destination)) continue;
    left -= destination.weight;
    if (left <= 0) return destination;
  }
  return undefined;
}

/** The kernel multiplies in 32 bits here, where other schedulers take 64, and so do we. */
function isLessLoaded(a: SchedulerDestination, b: SchedulerDestination): boolean {
  return Math.imul(a.weight, connectionOverhead(b)) > Math.imul(b.weight, connectionOverhead(a));
}
