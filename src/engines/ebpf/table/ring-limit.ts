import { destinationKey } from '../../../model/destination.ts';
import { ViprError } from '../../../model/error.ts';
import type { Operation } from '../../../model/operation.ts';
import { serviceKey } from '../../../model/service.ts';
import type { LiveService } from '../../table/live-service.ts';
import { weightedMembers } from '../selection/weighted-ring.ts';

/** Members of a wrr ring at most, in all its segments: 4 MiB, and as far as the data plane counts (bpf/select_ring.h). */
const MOST_MEMBERS = 2 ** 20;
/** So many destinations, each of another weight, fit for certain: n × (n + 1) / 2. */
const CERTAINLY_FIT = 1447;

/** Throws OUT_OF_RANGE where an operation would give a wrr service more members, over all its weights, than a ring has room for. */
export class RingLimit {
  /** How many weights a service has at most, where it was counted. */
  readonly #weights = new WeakMap<LiveService, number>();

  check(operation: Operation, service: LiveService | undefined): void {
    if (service === undefined || service.destinations.length < CERTAINLY_FIT) return;
    if (operation.kind === 'edit-service') {
      if (operation.settings.scheduler === 'wrr' && service.settings.scheduler !== 'wrr') {
        this.#measure(service, new Map());
      }
      return;
    }
    if (operation.kind !== 'add-destination' && operation.kind !== 'edit-destination') return;
    if (service.settings.scheduler !== 'wrr') return;
    // Counting takes a look at every destination, so it is done only where a new weight might be one too many.
    const weights = (this.#weights.get(service) ?? service.destinations.length) + 1;
    this.#weights.set(service, weights);
    if (weights * (service.destinations.length + 1) <= MOST_MEMBERS) return;
    const { destination } = operation;
    this.#measure(service, new Map([[destinationKey(destination), destination.weight]]));
  }

  #measure(service: LiveService, changes: ReadonlyMap<string, number>): void {
    const weights = new Map<string, number>(service.destinations.map(({ key, weight }) => [key, weight]));
    for (const [key, weight] of changes) weights.set(key, weight);
    const members = weightedMembers(weights.values());
    if (members > MOST_MEMBERS) throw tooManyWeights(service, weights.size, members);
    this.#weights.set(service, new Set(weights.values()).size);
  }
}

function tooManyWeights(service: LiveService, count: number, members: number): ViprError {
  return new ViprError(
    'OUT_OF_RANGE',
    `${serviceKey(service.id)}: wrr over ${count} destinations of so many weights makes a ring of ${members} members, more than ${MOST_MEMBERS}`,
    { hint: 'Give destinations fewer different weights, or use the scheduler wlc.' },
  );
}
