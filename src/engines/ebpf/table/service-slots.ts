import { ViprError } from '../../../model/error.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../../../model/service.ts';
import type { LiveService } from '../../table/live-service.ts';
import { IdPool } from './id-pool.ts';

/**
 * A service's id. It outlives the service for as long as deleted destinations have slots under it: a service of the same identity
 * gets it back, with their connections.
 */
export interface ServiceSlot {
  readonly id: number;
  readonly identity: ServiceId;
  /** Absent while the service is deleted. */
  service: LiveService | undefined;
  /** Raised with each service that is added. */
  order: number;
  /** Slots of destinations under it, those of deleted ones included. */
  destinations: number;
}

/** Ids of services, by identity. */
export class ServiceSlots {
  readonly #byKey = new Map<ServiceKey, ServiceSlot>();
  readonly #byId: (ServiceSlot | undefined)[] = [];
  readonly #pool: IdPool;

  constructor(capacity: number) {
    this.#pool = new IdPool(capacity);
  }

  /** No id from here on is in use. */
  get end(): number {
    return this.#pool.end;
  }

  find(key: ServiceKey): ServiceSlot | undefined {
    return this.#byKey.get(key);
  }

  byId(id: number): ServiceSlot | undefined {
    return this.#byId[id];
  }

  all(): ServiceSlot[] {
    return [...this.#byKey.values()];
  }

  /** The slot of an identity, or a new one. Throws OUT_OF_RANGE where there is no more. */
  take(identity: ServiceId): ServiceSlot {
    const key = serviceKey(identity);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const id = this.#pool.take();
    if (id === undefined) throw noRoom(this.#pool.capacity);
    return this.#put({ id, identity, service: undefined, order: 0, destinations: 0 });
  }

  /** Frees the id unless something is under it. */
  releaseIfUnused(slot: ServiceSlot): boolean {
    if (slot.service !== undefined || slot.destinations > 0) return false;
    this.#byKey.delete(serviceKey(slot.identity));
    this.#byId[slot.id] = undefined;
    this.#pool.release(slot.id);
    return true;
  }

  /** Begins anew with slots that an earlier process left. */
  restore(slots: readonly ServiceSlot[]): void {
    this.#pool.restore(new Set(slots.map(({ id }) => id)));
    for (const slot of slots) this.#put(slot);
  }

  #put(slot: ServiceSlot): ServiceSlot {
    this.#byKey.set(serviceKey(slot.identity), slot);
    this.#byId[slot.id] = slot;
    return slot;
  }
}

function noRoom(capacity: number): ViprError {
  return new ViprError('OUT_OF_RANGE', `the eBPF maps have no room for more than ${capacity} services`, {
    hint: 'Delete services, or raise `services` in the section ebpf of the configuration and start anew after `vipr down`.',
  });
}
