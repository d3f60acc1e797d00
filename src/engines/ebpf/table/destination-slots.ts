import { ViprError } from '../../../model/error.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { IdPool } from './id-pool.ts';
import type { ServiceSlot } from './service-slots.ts';

/** A destination's slot. It outlives the destination for as long as connections refer to it. */
export interface DestinationSlot {
  readonly id: number;
  destination: LiveDestination;
  readonly service: ServiceSlot;
  /** The service that it was last in the list of: another one of the same identity may come. */
  list: LiveService;
  /** Raised with each destination that is added. */
  order: number;
  /** Jiffies when it was deleted; 0 while it was not. */
  trashed: number;
  /** Whether its replies were ever to be recognised by its address: its connections may outlive a change of the method. */
  masqueraded: boolean;
}

/** Ids of destinations. */
export class DestinationSlots {
  readonly #byId: (DestinationSlot | undefined)[] = [];
  readonly #pool: IdPool;

  constructor(capacity: number) {
    this.#pool = new IdPool(capacity);
  }

  /** No id from here on is in use. */
  get end(): number {
    return this.#pool.end;
  }

  byId(id: number): DestinationSlot | undefined {
    return this.#byId[id];
  }

  all(): DestinationSlot[] {
    return this.#byId.filter((slot) => slot !== undefined);
  }

  /** A new slot for a destination, which is told its id. Throws OUT_OF_RANGE where there is none. */
  take(destination: LiveDestination, service: ServiceSlot): DestinationSlot {
    const id = this.#pool.take();
    if (id === undefined) throw noRoom(this.#pool.capacity);
    destination.slot = id;
    service.destinations += 1;
    const list = destination.service;
    const slot = { id, destination, service, list, order: 0, trashed: 0, masqueraded: false };
    this.#byId[id] = slot;
    return slot;
  }

  /** The slot is nobody's from now on; its id is not handed out before {@link release}. */
  leave(slot: DestinationSlot): void {
    this.#byId[slot.id] = undefined;
    slot.destination.slot = -1;
    slot.service.destinations -= 1;
  }

  release(id: number): void {
    this.#pool.release(id);
  }

  /** Begins anew with slots that an earlier process left; `reserved` are ids that nobody may get. */
  restore(slots: readonly DestinationSlot[], reserved: Iterable<number>): void {
    this.#pool.restore(new Set([...slots.map(({ id }) => id), ...reserved]));
    for (const slot of slots) {
      this.#byId[slot.id] = slot;
      slot.destination.slot = slot.id;
      slot.service.destinations += 1;
    }
  }
}

function noRoom(capacity: number): ViprError {
  return new ViprError('OUT_OF_RANGE', `the eBPF maps have no room for more than ${capacity} destinations`, {
    hint:
      'Delete destinations (the slots of deleted ones are free some minutes after their last connection), or raise `destinations` ' +
      'in the section ebpf of the configuration and start anew after `vipr down`.',
  });
}
