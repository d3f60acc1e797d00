import { encodeDestination } from '../../../src/engines/ebpf/codec/destination-codec.ts';
import { encodeService, encodeServiceKey } from '../../../src/engines/ebpf/codec/service-codec.ts';
import {
  FILTER_MULTIPLIER,
  FILTER_SERVER,
  FILTER_SHIFT,
  FILTER_VIRTUAL,
  NEXT_HOP_RESOLVED,
  OFFSET,
  SIZE,
} from '../../../src/engines/ebpf/layout.gen.ts';
import { findCompiler } from '../../../src/engines/ebpf/selection/find-compiler.ts';
import type { LiveDestination } from '../../../src/engines/table/live-destination.ts';
import type { LiveService } from '../../../src/engines/table/live-service.ts';
import type { TableObserver } from '../../../src/engines/table/table-observer.ts';
import { addressBytes, type IpAddress } from '../../../src/model/address.ts';
import type { ServiceKey, ServiceSettings } from '../../../src/model/service.ts';
import { BpfMap } from '../../../src/system/bpf/bpf-map.ts';
import { BPF_F_INNER_MAP, BPF_MAP_TYPE_ARRAY } from '../../../src/system/bpf/constants.ts';
import { updateEntries } from '../../../src/system/bpf/update-entries.ts';
import type { DataPlane } from './data-plane.ts';
import { entriesOf, indexKey } from './map-entries.ts';
import type { TestNetwork } from './test-network.ts';

/** Jiffies a second as the data plane is told: the tests' own, as they turn times into seconds again. */
export const HZ = 1000;

/**
 * Writes a table into the maps with as little cleverness as possible: a second opinion next to the engine's own writer. Ids are
 * never used twice.
 */
export class TableMaps implements TableObserver {
  readonly #plane: DataPlane;
  readonly #network: TestNetwork;
  readonly #serviceIds = new Map<ServiceKey, number>();
  readonly #services = new Map<ServiceKey, LiveService>();
  readonly #destinations: LiveDestination[] = [];
  /** Services whose selection is not that of their list. */
  readonly #outdated = new Set<LiveService>();
  readonly #filter = new Uint8Array(SIZE.address_filter);

  constructor(plane: DataPlane, network: TestNetwork) {
    this.#plane = plane;
    this.#network = network;
  }

  /** Services that are in the table. */
  get services(): Iterable<LiveService> {
    return this.#services.values();
  }

  serviceId(key: ServiceKey): number {
    const id = this.#serviceIds.get(key);
    if (id === undefined) throw new RangeError(`there never was a service ${key}`);
    return id;
  }

  /** By id, those that were deleted included. */
  get destinations(): readonly LiveDestination[] {
    return this.#destinations;
  }

  /** Has the table know what packets did. To be called before each change. */
  follow(): void {
    for (const destination of this.#destinations) {
      const live = this.#read('destination_live', destination.slot);
      destination.activeConnections = live.getUint32(OFFSET.destination_live.active, true);
      destination.inactiveConnections = live.getUint32(OFFSET.destination_live.inactive, true);
      destination.persistentConnections = live.getUint32(OFFSET.destination_live.persistent, true);
      destination.overloaded = live.getUint32(OFFSET.destination_live.overloaded, true) !== 0;
    }
    for (const service of this.#services.values()) {
      if (this.#outdated.has(service)) continue;
      const live = this.#read('service_live', this.serviceId(service.key));
      const position = Number(live.getBigUint64(OFFSET.service_live.position, true));
      const placed = Number(live.getBigUint64(OFFSET.service_live.placed, true));
      findCompiler(service.settings.scheduler).ring?.follow(service, { position, placed });
    }
  }

  /** Writes the selections, for each of which the kernel waits until no packet uses the one before. */
  flush(): void {
    for (const service of this.#outdated) this.#select(service);
    this.#outdated.clear();
  }

  serviceAdded(service: LiveService): void {
    const id = this.#serviceIds.get(service.key) ?? this.#serviceIds.size;
    this.#serviceIds.set(service.key, id);
    this.#services.set(service.key, service);
    if (service.id.kind === 'address') this.#markAddress(service.id.address, FILTER_VIRTUAL);
    this.#zero('service_counters', id);
    this.#putService(service);
    this.#outdated.add(service);
  }

  serviceEdited(service: LiveService, before: ServiceSettings): void {
    this.#putService(service);
    if (service.settings.scheduler !== before.scheduler) this.#outdated.add(service);
  }

  serviceDeleted(service: LiveService): void {
    const id = this.serviceId(service.key);
    this.#services.delete(service.key);
    this.#outdated.delete(service);
    this.#plane.map('services').delete(encodeServiceKey(service.id));
    const cache = this.#plane.map('balance_cache');
    for (const [key] of entriesOf(cache))
      if (new DataView(key.buffer).getUint32(OFFSET.cache_key.service, true) === id) cache.delete(key);
  }

  destinationAdded(service: LiveService, destination: LiveDestination, revived: boolean): void {
    if (!revived) {
      destination.slot = this.#destinations.length;
      this.#destinations.push(destination);
    }
    if (destination.settings.forwarding === 'masquerade')
      this.#markAddress(destination.address, FILTER_SERVER);
    this.#putNextHop(destination.slot);
    this.#putDestination(destination);
    this.#outdated.add(service);
  }

  destinationEdited(service: LiveService, destination: LiveDestination): void {
    this.#putDestination(destination);
    if (findCompiler(service.settings.scheduler).followsEdits) this.#outdated.add(service);
  }

  destinationDeleted(service: LiveService, destination: LiveDestination): void {
    this.#putDestination(destination);
    this.#outdated.add(service);
  }

  #putService(service: LiveService): void {
    const record = { id: this.serviceId(service.key), order: 0, settings: service.settings };
    this.#plane.map('services').update(encodeServiceKey(service.id), encodeService(record, HZ));
  }

  #putDestination(destination: LiveDestination): void {
    const { slot, available, settings, lastWeight } = destination;
    const service = this.serviceId(destination.service.key);
    const masqueraded = settings.forwarding === 'masquerade';
    const record = { available, masqueraded, service, settings, lastWeight, order: slot, trashed: 0 };
    this.#plane.map('destinations').update(indexKey(slot), encodeDestination(record));
    const live = this.#read('destination_live', slot);
    live.setUint32(OFFSET.destination_live.overloaded, destination.overloaded ? 1 : 0, true);
    this.#plane.map('destination_live').update(indexKey(slot), new Uint8Array(live.buffer));
  }

  /** By the frame's link-layer address one sees who got it. */
  #putNextHop(slot: number): void {
    const { servers } = this.#network;
    const bytes = new Uint8Array(SIZE.next_hop);
    const view = new DataView(bytes.buffer);
    view.setUint32(OFFSET.next_hop.flags, NEXT_HOP_RESOLVED, true);
    view.setUint32(OFFSET.next_hop.ifindex, servers.ifindex, true);
    view.setUint32(OFFSET.next_hop.mtu, 1500, true);
    bytes.set(macBytes(serverMac(slot)), OFFSET.next_hop.destination_mac);
    bytes.set(macBytes(servers.mac), OFFSET.next_hop.source_mac);
    this.#plane.map('next_hops').update(indexKey(slot), bytes);
  }

  #select(service: LiveService): void {
    const id = this.serviceId(service.key);
    const { compile, ring } = findCompiler(service.settings.scheduler);
    const words = compile(service.destinations);
    const array = BpfMap.create({
      type: BPF_MAP_TYPE_ARRAY,
      keySize: 4,
      valueSize: 4,
      maxEntries: words.length,
      flags: BPF_F_INNER_MAP,
    });
    try {
      const indexes = Uint32Array.from(words, (_, index) => index);
      updateEntries(array, new Uint8Array(indexes.buffer), new Uint8Array(words.buffer), words.length);
      this.#plane.map('selection').update(indexKey(id), indexKey(array.fd));
    } finally {
      array.close();
    }
    if (ring === undefined) return;
    const position = BigInt(ring.place(service));
    const live = new Uint8Array(BigUint64Array.of(position, position).buffer);
    this.#plane.map('service_live').update(indexKey(id), live);
  }

  #markAddress(address: IpAddress, bit: number): void {
    const words = new Int32Array(addressBytes(address).slice().buffer);
    const folded = words.reduce((sum, word) => sum ^ word, 0);
    const slot = Math.imul(folded, FILTER_MULTIPLIER) >>> FILTER_SHIFT;
    this.#filter[slot] = (this.#filter[slot] ?? 0) | bit;
    this.#plane.map('address_filter').update(indexKey(0), this.#filter);
  }

  #zero(map: string, index: number): void {
    this.#plane.map(map).update(indexKey(index), new Uint8Array(this.#plane.map(map).valueSize));
  }

  #read(map: string, index: number): DataView {
    const value = this.#plane.map(map).lookup(indexKey(index));
    if (value === undefined) throw new RangeError(`${map} has no entry ${index}`);
    return new DataView(value.buffer);
  }
}

/** The link-layer address that stands for the destination with an id. */
export function serverMac(slot: number): string {
  return `02:00:00:01:${hex(slot >> 8)}:${hex(slot & 0xff)}`;
}

export function macBytes(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}

function hex(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
