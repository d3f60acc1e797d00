/**
 * Weighted round robin (kernel: ip_vs_wrr.c). Passes over the list again and again with a current weight that sinks by
 * the greatest common divisor of the weights at each end of the list and starts over at the greatest weight; a pass
 * takes the destinations that weigh at least as much. A cycle of passes gives each its exact share, interleaved.
 * After a change of the list or of a weight the pass starts at the head; the current weight stays where it can.
 */
import { isEligible } from './eligible.ts';
import { firstPassThatTakes, passCycle } from './pass-cycle.ts';
import type { Scheduler, SchedulerDefinition, SchedulerDestination, SchedulerService } from './scheduler.ts';

export const wrr: SchedulerDefinition = {
  name: 'wrr',
  bind: <D extends SchedulerDestination>(service: SchedulerService<D>): Scheduler<D> =>
    new WeightedRoundRobin(service),
};

/** The scheduler itself, for engines that choose elsewhere and have it follow. */
export class WeightedRoundRobin<D extends SchedulerDestination> implements Scheduler<D> {
  readonly #service: SchedulerService<D>;
  /** Index of the destination chosen last, -1 at the head. */
  #current = -1;
  /** What a destination must weigh at least to be taken in this pass. */
  #passWeight = 0;
  /** #passWeight of the first pass of a cycle; 0 where no destination has a weight. */
  #topWeight = 0;
  /** By how much #passWeight sinks from pass to pass: the last pass of a cycle takes what weighs 1. */
  #step = 1;

  constructor(service: SchedulerService<D>) {
    this.#service = service;
    this.destinationChanged();
  }

  /** What a destination must weigh at least to be taken in this pass; 0 where no destination has a weight. */
  get passWeight(): number {
    return this.#passWeight;
  }

  /** Goes on at the head of a pass of the cycle. */
  resume(passWeight: number): void {
    this.#passWeight = passWeight;
    this.#current = -1;
  }

  schedule(): D | undefined {
    return this.#continuePass() ?? (this.#startPass() ? this.#continuePass() : undefined);
  }

  destinationChanged(): void {
    const { top, step } = passCycle(this.#service.destinations);
    this.#current = -1;
    this.#step = step;
    this.#topWeight = top;
    if (this.#passWeight === 0 || this.#passWeight > this.#topWeight) {
      this.#passWeight = this.#topWeight;
    } else if (this.#step > 1) {
      this.#passWeight = Math.floor(this.#passWeight / this.#step) * this.#step + 1;
    }
  }

  #continuePass(): D | undefined {
    const { destinations } = this.#service;
    for (let index = this.#current + 1; index < destinations.length; index++) {
      const destination = destinations[index];
      if (destination === undefined || destination.weight < this.#passWeight) continue;
      if (!isEligible(destination)) continue;
      this.#current = index;
      return destination;
    }
    return undefined;
  }

  /** Goes to the head for the next pass that takes somebody; false where no pass would. */
  #startPass(): boolean {
    let heaviest = 0;
    for (const destination of this.#service.destinations) {
      if (destination.weight > heaviest && isEligible(destination)) heaviest = destination.weight;
    }
    if (heaviest === 0) {
      // A full cycle in vain ends where it began: at the head before the first pass, elsewhere within the last one.
      this.#passWeight = this.#current === -1 ? this.#topWeight : Math.min(1, this.#topWeight);
      return false;
    }
    this.#current = -1;
    const next = this.#passWeight > this.#step ? this.#passWeight - this.#step : this.#topWeight;
    // Passes that would take nobody, because the heavier ones are overloaded, are left out: there may be billions.
    this.#passWeight = Math.min(next, firstPassThatTakes(heaviest, this.#step));
    return true;
  }
}
