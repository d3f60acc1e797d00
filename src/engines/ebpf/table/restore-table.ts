import type { IpAddress } from '../../../model/address.ts';
import { destinationKey } from '../../../model/destination.ts';
import { NO_SCHEDULER_FLAGS, type ServiceId, serviceFamily } from '../../../model/service.ts';
import type { PrefixLength } from '../../../model/unit.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { readPages } from '../../../system/bpf/read-pages.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import type { LiveStatistics } from '../../table/live-statistics.ts';
import type { LiveTable } from '../../table/live-table.ts';
import { decodeCounters } from '../codec/counters-codec.ts';
import { type DestinationRecord, decodeDestination } from '../codec/destination-codec.ts';
import { decodeService, decodeServiceKey } from '../codec/service-codec.ts';
import type { SettingsMap } from '../lifecycle/settings-map.ts';
import type { DestinationSlot } from './destination-slots.ts';
import type { EngineMaps } from './engine-maps.ts';
import type { ServiceSlot } from './service-slots.ts';
import type { TableWriter, TableWriterModules } from './table-writer.ts';
import { readTimeouts } from './timeout-settings.ts';

type RestoreModules = Pick<TableWriterModules, 'maps' | 'live' | 'clock' | 'now'> & {
  readonly settings: Pick<SettingsMap, 'read'>;
};

/**
 * Reads what an earlier process left in the maps into an empty table, and mends what that one did not finish: a service's list is
 * what the slots say, and slots that no list and no connection needs are free.
 */
export function restoreTable(table: LiveTable, writer: TableWriter, modules: RestoreModules): void {
  const { maps, settings, live, clock, now } = modules;
  table.restoreTimeouts(readTimeouts(settings.read()));
  const services = new RestoredServices(maps);
  const destinations: DestinationSlot[] = [];
  const leftovers = { deleted: [] as DestinationSlot[], free: [] as number[], reserved: [] as number[] };
  for (const [id, record] of readDestinations(maps.destinations)) {
    const owner = services.find(record.service);
    const listed = record.available && owner?.service !== undefined;
    // What was deleted in earnest stays for the time of the trash, what was never finished does not.
    const needed = live.isReferenced(id) || listed || !record.available;
    if (owner === undefined || !needed) {
      leftovers[live.isReferenced(id) ? 'reserved' : 'free'].push(id);
      continue;
    }
    const slot = restoredSlot(id, record, owner);
    if (listed) owner.service?.add(slot.destination);
    else slot.destination.available = false;
    if (record.available && !listed) leftovers.deleted.push(slot);
    destinations.push(slot);
  }
  writer.restore(services.all(), destinations, leftovers);
  restoreStatistics(writer, maps);
  for (const { service } of services.living()) table.restoreService(service);
  const jiffies = clock.now();
  for (const { destination, trashed } of destinations.filter((slot) => !slot.destination.available)) {
    live.refresh(destination);
    const age = trashed === 0 ? 0 : ((jiffies - trashed) * 1000) / clock.hz;
    table.restoreDeleted(destination, now() - age);
  }
}

/** Services of the map, and those that deleted destinations were of. */
class RestoredServices {
  readonly #maps: EngineMaps;
  readonly #byId = new Map<number, ServiceSlot>();

  constructor(maps: EngineMaps) {
    this.#maps = maps;
    for (const [key, value] of readEntries(maps.services)) {
      const identity = decodeServiceKey(key);
      if (identity === undefined) continue;
      const { id, order, settings } = decodeService(value);
      const service = new LiveService(identity, settings);
      this.#byId.set(id, { id, identity, service, order, destinations: 0 });
    }
  }

  all(): ServiceSlot[] {
    return [...this.#byId.values()];
  }

  /** Those that are in the table, in the order in which they were added. */
  living(): { readonly service: LiveService }[] {
    return this.all()
      .toSorted((a, b) => a.order - b.order)
      .flatMap(({ service }) => (service === undefined ? [] : [{ service }]));
  }

  /** Undefined for an id that was never given. */
  find(id: number): ServiceSlot | undefined {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const key = new Uint8Array(4);
    new DataView(key.buffer).setUint32(0, id, true);
    const name = this.#maps.service_keys.lookup(key);
    const identity = name === undefined ? undefined : decodeServiceKey(name);
    if (identity === undefined) return undefined;
    const slot = { id, identity, service: undefined, order: 0, destinations: 0 };
    this.#byId.set(id, slot);
    return slot;
  }
}

function restoredSlot(id: number, record: DestinationRecord, owner: ServiceSlot): DestinationSlot {
  const destination = new LiveDestination(owner.service ?? deletedService(owner.identity), record.settings);
  destination.lastWeight = record.lastWeight;
  const list = destination.service;
  const { order, trashed, masqueraded } = record;
  return { id, destination, service: owner, list, order, trashed, masqueraded };
}

/** Stands for a service that is gone, for the identity's sake. */
function deletedService(identity: ServiceId): LiveService {
  const inet6 = serviceFamily(identity) === 'inet6';
  return new LiveService(identity, {
    scheduler: 'none',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: inet6 ? (128 as PrefixLength) : ('255.255.255.255' as IpAddress),
    onePacket: false,
  });
}

/** Used slots, in the order in which destinations were added; of two for the same destination the newer one. */
function readDestinations(map: BpfMap): readonly (readonly [number, DestinationRecord])[] {
  const found: (readonly [number, DestinationRecord])[] = [];
  for (const [key, value] of readEntries(map)) {
    const record = decodeDestination(value);
    if (record !== undefined) found.push([idOf(key), record]);
  }
  found.sort(([, a], [, b]) => a.order - b.order);
  const newest = new Map(
    found.map(([id, record]) => [`${record.service} ${destinationKey(record.settings)}`, id]),
  );
  return found.map(([id, record]) => {
    const newer = newest.get(`${record.service} ${destinationKey(record.settings)}`) !== id;
    // Nobody can name the older one any more: it is of no service.
    return [id, newer ? { ...record, available: true, service: -1 } : record];
  });
}

function restoreStatistics(writer: TableWriter, maps: EngineMaps): void {
  const ofService = (id: number) => writer.services.byId(id)?.service?.statistics;
  const ofDestination = (id: number) => writer.destinations.byId(id)?.destination.statistics;
  writer.serviceCounters.refresh(writer.services.end, ofService);
  writer.destinationCounters.refresh(writer.destinations.end, ofDestination);
  restoreZeroPoints(maps.service_zero, ofService);
  restoreZeroPoints(maps.destination_zero, ofDestination);
}

function restoreZeroPoints(map: BpfMap, ownerOf: (id: number) => LiveStatistics | undefined): void {
  for (const [key, value] of readEntries(map)) {
    const statistics = ownerOf(idOf(key));
    if (statistics !== undefined) statistics.restore(statistics, decodeCounters(value));
  }
}

/** Key and value of each entry; the bytes are valid until the next one. */
function* readEntries(map: BpfMap): Generator<readonly [Uint8Array, Uint8Array]> {
  const { keySize, valueSize } = map;
  for (const { count, keys, values } of readPages(map, 4096)) {
    for (let index = 0; index < count; index++) {
      yield [
        keys.subarray(index * keySize, (index + 1) * keySize),
        values.subarray(index * valueSize, (index + 1) * valueSize),
      ];
    }
  }
}

function idOf(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset).getUint32(0, true);
}
