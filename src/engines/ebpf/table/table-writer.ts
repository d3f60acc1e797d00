import { type Destination, destinationKey } from '../../../model/destination.ts';
import type { Operation } from '../../../model/operation.ts';
import { type ServiceSettings, serviceFamily, serviceKey } from '../../../model/service.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import type { TableObserver } from '../../table/table-observer.ts';
import { encodeCounters } from '../codec/counters-codec.ts';
import { encodeDestination } from '../codec/destination-codec.ts';
import { encodeService, encodeServiceKey } from '../codec/service-codec.ts';
import type { DataPlane } from '../data-plane.ts';
import type { JiffiesClock } from '../jiffies.ts';
import { SIZE } from '../layout.gen.ts';
import { findCompiler, usesBalanceCache } from '../selection/find-compiler.ts';
import { AddressFilter } from './address-filter.ts';
import { BalanceCache } from './balance-cache.ts';
import { CounterReader } from './counter-reader.ts';
import { type DestinationSlot, DestinationSlots } from './destination-slots.ts';
import type { EngineMaps } from './engine-maps.ts';
import type { LiveArrays } from './live-arrays.ts';
import { MapBatch, type MapWriter } from './map-writer.ts';
import { SelectionWriter } from './selection-writer.ts';
import { type ServiceSlot, ServiceSlots } from './service-slots.ts';

export interface TableWriterModules {
  readonly maps: EngineMaps;
  readonly writer: MapWriter;
  readonly live: LiveArrays;
  readonly clock: JiffiesClock;
  readonly dataPlane: Pick<DataPlane, 'destinationAdded' | 'destinationRemoved'>;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** What an earlier process left half done among the slots of destinations. */
export interface Leftovers {
  /** Slots that are marked as in a list, of services that are gone. */
  readonly deleted: readonly DestinationSlot[];
  /** Ids of slots that are used though nobody needs them. */
  readonly free: readonly number[];
  /** Ids of slots whose service nobody knows, although connections refer to them. */
  readonly reserved: readonly number[];
}

/**
 * Follows the table's changes and writes them into the maps, all those of a batch at once. What is added is written from the bottom
 * up (destination, selection, service), what is deleted from the top down: whatever a crash leaves half done, a packet never
 * meets a service or an id that is not there, and the next process completes or undoes it.
 */
export class TableWriter implements TableObserver {
  readonly services: ServiceSlots;
  readonly destinations: DestinationSlots;
  readonly serviceCounters: CounterReader;
  readonly destinationCounters: CounterReader;
  readonly cache: BalanceCache;
  readonly #modules: TableWriterModules;
  readonly #filter: AddressFilter;
  readonly #selections: SelectionWriter;
  #lastServiceOrder = 0;
  #lastDestinationOrder = 0;

  // What the next flush has to write.
  readonly #newServices = new Set<ServiceSlot>();
  readonly #changedServices = new Set<ServiceSlot>();
  readonly #removedServices = new Set<ServiceSlot>();
  readonly #newLists = new Set<ServiceSlot>();
  readonly #changedDestinations = new Set<DestinationSlot>();
  readonly #announcedDestinations = new Set<DestinationSlot>();
  readonly #deletedDestinations = new Set<DestinationSlot>();
  readonly #zeroedServices = new Set<ServiceSlot>();
  readonly #zeroedDestinations = new Set<DestinationSlot>();
  readonly #forgotten: DestinationSlot[] = [];
  /** Whether entries of the cache may be of services or destinations that are gone. */
  #cacheIsStale = false;

  constructor(modules: TableWriterModules) {
    const { maps, writer, clock } = modules;
    this.#modules = modules;
    this.services = new ServiceSlots(maps.services.maxEntries);
    this.destinations = new DestinationSlots(maps.destinations.maxEntries);
    this.serviceCounters = new CounterReader(maps.service_counters);
    this.destinationCounters = new CounterReader(maps.destination_counters);
    this.#filter = new AddressFilter(maps.address_filter, writer);
    this.#selections = new SelectionWriter(maps.selection, writer);
    const owners = {
      familyOf: (id: number) => this.#cacheFamily(id),
      isMember: (service: number, id: number) => this.destinations.byId(id)?.service.id === service,
    };
    this.cache = new BalanceCache(maps.balance_cache, writer, clock, owners, modules.now());
  }

  /** To be called before an operation changes a list: brings the scheduler to where the data plane's ring is. */
  prepare(operation: Operation): void {
    if (!('service' in operation) || operation.service === undefined) return;
    const slot = this.services.find(serviceKey(operation.service));
    const service = slot?.service;
    if (slot === undefined || service === undefined) return;
    if (operation.kind === 'edit-destination') {
      // Thresholds of an edit are held against the counts of this moment.
      const destination = service.find(destinationKey(operation.destination));
      if (destination !== undefined) this.#modules.live.refresh(destination);
    }
    if (this.#newLists.has(slot)) return;
    findCompiler(service.settings.scheduler).ring?.follow(service, this.#modules.live.ringPosition(slot.id));
  }

  /** Takes over what an earlier process left; services and destinations are in the table already. */
  restore(
    services: readonly ServiceSlot[],
    destinations: readonly DestinationSlot[],
    leftovers: Leftovers,
  ): void {
    this.services.restore(services);
    this.destinations.restore(destinations, leftovers.reserved);
    for (const slot of services) {
      this.#lastServiceOrder = Math.max(this.#lastServiceOrder, slot.order);
      if (slot.service === undefined) continue;
      this.#retainService(slot);
      const { id, service } = slot;
      this.#selections.put(id, findCompiler(service.settings.scheduler).compile(service.destinations));
    }
    for (const slot of destinations) {
      this.#lastDestinationOrder = Math.max(this.#lastDestinationOrder, slot.order);
      this.#retainDestination(slot);
      if (slot.destination.available) this.#announcedDestinations.add(slot);
    }
    this.#selections.flush();
    for (const slot of leftovers.deleted) this.#deletedDestinations.add(slot);
    const empty = this.#batch('destinations');
    for (const id of leftovers.free) empty.put(id, new Uint8Array(SIZE.destination));
    empty.flush();
    this.#cacheIsStale = true;
  }

  serviceAdded(service: LiveService): void {
    const slot = this.services.take(service.id);
    slot.service = service;
    slot.order = ++this.#lastServiceOrder;
    const counters = this.serviceCounters.read(slot.id);
    service.statistics.restore(counters, counters);
    this.#removedServices.delete(slot);
    this.#newServices.add(slot);
    for (const pending of [this.#changedServices, this.#newLists, this.#zeroedServices]) pending.add(slot);
    this.#retainService(slot);
  }

  serviceEdited(service: LiveService, before: ServiceSettings): void {
    const slot = this.#slotOf(service);
    this.#changedServices.add(slot);
    if (service.settings.scheduler === before.scheduler) return;
    this.#newLists.add(slot);
    if (usesBalanceCache(before.scheduler)) this.#cacheIsStale = true;
  }

  serviceDeleted(service: LiveService): void {
    const slot = this.#slotOf(service);
    slot.service = undefined;
    this.#removedServices.add(slot);
    for (const pending of [this.#changedServices, this.#newLists, this.#zeroedServices]) pending.delete(slot);
    if (slot.identity.kind === 'address') this.#filter.release(slot.identity.address, 'virtual');
    if (usesBalanceCache(service.settings.scheduler)) this.#cacheIsStale = true;
  }

  destinationAdded(service: LiveService, destination: LiveDestination, revived: boolean): void {
    const owner = this.#slotOf(service);
    const slot = this.destinations.byId(destination.slot) ?? this.#takeSlot(destination, owner);
    if (slot.list !== service) {
      // It came back into another service, where its statistics start from 0.
      slot.list = service;
      this.#startStatistics(slot);
    }
    slot.order = ++this.#lastDestinationOrder;
    slot.trashed = 0;
    if (revived) this.#modules.live.setOverloaded(slot.id, destination.overloaded);
    this.#deletedDestinations.delete(slot);
    this.#zeroedDestinations.add(slot);
    this.#change(slot, true);
    this.#newLists.add(owner);
  }

  destinationEdited(service: LiveService, destination: LiveDestination, before: Destination): void {
    const slot = this.destinations.byId(destination.slot);
    if (slot === undefined) return;
    this.#modules.live.setOverloaded(slot.id, destination.overloaded);
    this.#change(slot, destination.settings.forwarding !== before.forwarding);
    if (findCompiler(service.settings.scheduler).followsEdits) this.#newLists.add(slot.service);
  }

  destinationDeleted(service: LiveService, destination: LiveDestination): void {
    const slot = this.destinations.byId(destination.slot);
    if (slot === undefined) return;
    this.#deletedDestinations.add(slot);
    this.#newLists.add(this.#slotOf(service));
  }

  destinationForgotten(destination: LiveDestination): void {
    const slot = this.destinations.byId(destination.slot);
    if (slot !== undefined) this.#forgotten.push(slot);
  }

  statisticsZeroed(service: LiveService): void {
    this.#zeroedServices.add(this.#slotOf(service));
    for (const { slot: id } of service.destinations) {
      const slot = this.destinations.byId(id);
      if (slot !== undefined) this.#zeroedDestinations.add(slot);
    }
  }

  /** Writes what changed since the last time. Whatever it throws leaves maps and table apart: the engine has to end then. */
  flush(): void {
    this.#removeServices();
    this.#nameServices();
    this.#writeZeroPoints();
    this.#writeDestinations();
    this.#writeLists();
    this.#writeServices();
    this.#writeDeleted();
    const freed = this.#freeSlots();
    this.#filter.flush();
    if (this.#cacheIsStale || freed.length > 0) this.#cleanCache();
    for (const id of freed) this.destinations.release(id);
    for (const slot of this.#removedServices) this.services.releaseIfUnused(slot);
    this.#removedServices.clear();
  }

  close(): void {
    this.#selections.close();
  }

  #removeServices(): void {
    const keys = [...this.#removedServices].map(({ identity }) => encodeServiceKey(identity));
    if (keys.length > 0) {
      this.#modules.writer.delete(this.#modules.maps.services, Buffer.concat(keys), keys.length);
    }
  }

  /** Ids have their names before anything refers to them. */
  #nameServices(): void {
    const names = this.#batch('service_keys');
    for (const { id, identity } of this.#newServices) names.put(id, encodeServiceKey(identity));
    this.#newServices.clear();
    names.flush();
  }

  #writeDestinations(): void {
    const batch = this.#batch('destinations');
    for (const slot of this.#changedDestinations) {
      if (!this.#deletedDestinations.has(slot)) batch.put(slot.id, encodeSlot(slot));
    }
    batch.flush();
    for (const { id, destination } of this.#announcedDestinations) {
      this.#modules.dataPlane.destinationAdded(id, destination.address, destination.settings.forwarding);
    }
    this.#changedDestinations.clear();
    this.#announcedDestinations.clear();
  }

  #writeLists(): void {
    for (const { id, service } of this.#newLists) {
      if (service === undefined) continue;
      const { compile, ring } = findCompiler(service.settings.scheduler);
      const position = ring?.place(service);
      this.#selections.put(id, compile(service.destinations), () => {
        if (position !== undefined) this.#modules.live.placeRing(id, position);
      });
    }
    for (const { id } of this.#removedServices) this.#selections.putNobody(id);
    this.#newLists.clear();
    this.#selections.flush();
  }

  #writeServices(): void {
    const batch = this.#batch('services');
    for (const { id, identity, order, service } of this.#changedServices) {
      if (service === undefined) continue;
      const { settings } = service;
      batch.put(encodeServiceKey(identity), encodeService({ id, order, settings }, this.#modules.clock.hz));
    }
    this.#changedServices.clear();
    batch.flush();
  }

  #writeDeleted(): void {
    const batch = this.#batch('destinations');
    const jiffies = this.#deletedDestinations.size > 0 ? this.#modules.clock.now() : 0;
    for (const slot of this.#deletedDestinations) {
      slot.trashed = jiffies;
      batch.put(slot.id, encodeSlot(slot));
    }
    this.#deletedDestinations.clear();
    batch.flush();
  }

  #writeZeroPoints(): void {
    const services = this.#batch('service_zero');
    for (const { id, service } of this.#zeroedServices) {
      if (service !== undefined) services.put(id, encodeCounters(service.statistics.zeroPoint));
    }
    const destinations = this.#batch('destination_zero');
    for (const { id, destination } of this.#zeroedDestinations) {
      destinations.put(id, encodeCounters(destination.statistics.zeroPoint));
    }
    this.#zeroedServices.clear();
    this.#zeroedDestinations.clear();
    services.flush();
    destinations.flush();
  }

  /** Empties the slots of forgotten destinations; their ids may be handed out once no cache holds them. */
  #freeSlots(): readonly number[] {
    const batch = this.#batch('destinations');
    const free = new Uint8Array(SIZE.destination);
    const slots = this.#forgotten.splice(0);
    for (const slot of slots) batch.put(slot.id, free);
    batch.flush();
    for (const slot of slots) {
      this.#releaseDestination(slot);
      this.destinations.leave(slot);
      this.#modules.dataPlane.destinationRemoved(slot.id);
      if (slot.service.service === undefined) this.#removedServices.add(slot.service);
    }
    return slots.map(({ id }) => id);
  }

  #cleanCache(): void {
    const cached = this.services.all().some(({ id }) => this.#cacheFamily(id) !== undefined);
    if (cached || this.#cacheIsStale) this.cache.clean();
    this.#cacheIsStale = false;
  }

  #takeSlot(destination: LiveDestination, service: ServiceSlot): DestinationSlot {
    const slot = this.destinations.take(destination, service);
    this.#modules.live.clear(slot.id);
    this.#startStatistics(slot);
    this.#retainDestination(slot);
    return slot;
  }

  #startStatistics({ id, destination }: DestinationSlot): void {
    const counters = this.destinationCounters.read(id);
    destination.statistics.restore(counters, counters);
  }

  #change(slot: DestinationSlot, announce: boolean): void {
    this.#changedDestinations.add(slot);
    if (announce) this.#announcedDestinations.add(slot);
    if (slot.destination.settings.forwarding !== 'masquerade' || slot.masqueraded) return;
    slot.masqueraded = true;
    this.#filter.retain(slot.destination.address, 'server');
  }

  #retainService({ identity }: ServiceSlot): void {
    if (identity.kind === 'address') this.#filter.retain(identity.address, 'virtual');
  }

  /** Packets of connections find their VIP also after its service was deleted. */
  #retainDestination(slot: DestinationSlot): void {
    this.#retainService(slot.service);
    if (slot.masqueraded) this.#filter.retain(slot.destination.address, 'server');
  }

  #releaseDestination({ service, destination, masqueraded }: DestinationSlot): void {
    if (service.identity.kind === 'address') this.#filter.release(service.identity.address, 'virtual');
    if (masqueraded) this.#filter.release(destination.address, 'server');
  }

  #cacheFamily(id: number): ReturnType<typeof serviceFamily> | undefined {
    const service = this.services.byId(id)?.service;
    return service !== undefined && usesBalanceCache(service.settings.scheduler)
      ? serviceFamily(service.id)
      : undefined;
  }

  #slotOf(service: LiveService): ServiceSlot {
    const slot = this.services.find(service.key);
    if (slot === undefined) throw new RangeError(`${service.key} has no slot`);
    return slot;
  }

  #batch(name: 'services' | 'service_keys' | 'service_zero' | 'destinations' | 'destination_zero'): MapBatch {
    return new MapBatch(this.#modules.maps[name], this.#modules.writer);
  }
}

function encodeSlot({ destination, service, order, trashed, masqueraded }: DestinationSlot): Uint8Array {
  const { available, settings, lastWeight } = destination;
  return encodeDestination({
    available,
    masqueraded,
    service: service.id,
    settings,
    lastWeight,
    order,
    trashed,
  });
}
