/**
 * Round robin (kernel: ip_vs_rr.c). Goes round the list from the destination after the one chosen last and takes the
 * first that is eligible; weights do not count otherwise. When the destination chosen last is deleted, the one before
 * it in the list takes its place, so that nobody is skipped.
 */
import { isEligible } from './eligible.ts';
import type {
  DestinationChange,
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerService,
} from './scheduler.ts';

export const rr: SchedulerDefinition = {
  name: 'rr',
  bind: <D extends SchedulerDestination>(service: SchedulerService<D>): Scheduler<D> =>
    new RoundRobin(service),
};

/** The scheduler itself, for engines that choose elsewhere and have it follow. */
export class RoundRobin<D extends SchedulerDestination> implements Scheduler<D> {
  readonly #service: SchedulerService<D>;
  /** The destination chosen last; undefined stands for the head, before the first. */
  #last: D | undefined;
  /** Where #last was when it was chosen; a destination that is added before it moves it. */
  #lastIndex = -1;

  constructor(service: SchedulerService<D>) {
    this.#service = service;
  }

  /** The destination chosen last; undefined stands for the head, before the first. */
  get last(): D | undefined {
    return this.#last;
  }

  /** Goes on as if this destination of the list had been chosen last. */
  resume(last: D | undefined): void {
    this.#last = last;
  }

  schedule(): D | undefined {
    const { destinations } = this.#service;
    let index = this.#findLast();
    for (let left = destinations.length; left > 0; left--) {
      index = index + 1 < destinations.length ? index + 1 : 0;
      const destination = destinations[index];
      if (destination !== undefined && isEligible(destination)) {
        this.#last = destination;
        this.#lastIndex = index;
        return destination;
      }
    }
    return undefined;
  }

  destinationChanged(change: DestinationChange, destination: D, position: number): void {
    if (change !== 'deleted' || destination !== this.#last) return;
    this.#last = this.#service.destinations[position - 1];
    this.#lastIndex = position - 1;
  }

  #findLast(): number {
    if (this.#last === undefined) return -1;
    const { destinations } = this.#service;
    return destinations[this.#lastIndex] === this.#last ? this.#lastIndex : destinations.indexOf(this.#last);
  }
}
