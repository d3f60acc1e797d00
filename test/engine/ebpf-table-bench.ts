import assert from 'node:assert/strict';
import { encodeCounters } from '../../src/engines/ebpf/codec/counters-codec.ts';
import { type DestinationRecord, decodeDestination } from '../../src/engines/ebpf/codec/destination-codec.ts';
import {
  decodeService,
  encodeServiceKey,
  type ServiceRecord,
} from '../../src/engines/ebpf/codec/service-codec.ts';
import { EbpfTable, type EbpfTableModules } from '../../src/engines/ebpf/table/ebpf-table.ts';
import type { MapWriter } from '../../src/engines/ebpf/table/map-writer.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import type { Destination } from '../../src/model/destination.ts';
import type { CounterValues } from '../../src/model/estimator.ts';
import type { Operation } from '../../src/model/operation.ts';
import type { ServiceId } from '../../src/model/service.ts';
import { BpfMap } from '../../src/system/bpf/bpf-map.ts';
import { openById } from '../../src/system/bpf/open-by-id.ts';
import { readPages } from '../../src/system/bpf/read-pages.ts';
import { type EbpfMaps, openEbpfMaps } from './ebpf-maps.ts';

/** A table on real maps, with a clock of its own; the test plays the data plane. */
export class EbpfTableBench {
  readonly opened: EbpfMaps;
  readonly announced: string[] = [];
  table: EbpfTable;
  /** Milliseconds. */
  now = 0;

  private constructor(opened: EbpfMaps) {
    this.opened = opened;
    this.table = this.#open();
  }

  static async open(sizes?: Parameters<typeof openEbpfMaps>[0]): Promise<EbpfTableBench> {
    return new EbpfTableBench(await openEbpfMaps(sizes));
  }

  /** As after the end of the process: another one takes the maps over. */
  restart(writer?: MapWriter): void {
    this.table.close();
    this.table = this.#open(writer);
  }

  close(): void {
    this.table.close();
    this.opened.close();
  }

  /** Operations that must all succeed. */
  done(...operations: Operation[]): void {
    const outcomes = this.table.execute(operations);
    assert.deepEqual(
      outcomes,
      operations.map(() => undefined),
    );
  }

  serviceRecord(id: ServiceId): ServiceRecord | undefined {
    const value = this.opened.maps.services.lookup(encodeServiceKey(id));
    return value === undefined ? undefined : decodeService(value);
  }

  /** Used slots by id. */
  slots(): Map<number, DestinationRecord> {
    const found = new Map<number, DestinationRecord>();
    for (let id = 0; id < this.opened.maps.destinations.maxEntries; id++) {
      const record = decodeDestination(this.#read(this.opened.maps.destinations, id));
      if (record !== undefined) found.set(id, record);
    }
    return found;
  }

  /** The slot of the destination with an address. */
  slotOf({ address }: Pick<Destination, 'address'>): number {
    const found = [...this.slots()].find(([, { settings }]) => settings.address === address);
    assert.ok(found, `${address} has no slot`);
    return found[0];
  }

  /** The words behind a service's id; its array, if it is there at all. */
  selection(id: number): number[] {
    const inner = this.#read(this.opened.maps.selection, id);
    const map = BpfMap.fromDescriptor(openById('map', new DataView(inner.buffer).getUint32(0, true)));
    try {
      const words: number[] = [];
      for (const { count, values } of readPages(map)) words.push(...new Uint32Array(values.buffer, 0, count));
      return words;
    } finally {
      map.close();
    }
  }

  /** What the data plane would do. */
  setLive(slot: number, active: number, inactive: number, persistent = 0, overloaded = 0): void {
    const { destination_live: map } = this.opened.maps;
    map.update(idKey(slot), new Uint8Array(Uint32Array.of(active, inactive, persistent, overloaded).buffer));
  }

  live(slot: number): number[] {
    return [...new Uint32Array(this.#read(this.opened.maps.destination_live, slot).buffer)];
  }

  setPosition(service: number, position: number): void {
    const { service_live: map } = this.opened.maps;
    const value = this.#read(map, service);
    new DataView(value.buffer).setBigUint64(0, BigInt(position), true);
    map.update(idKey(service), value);
  }

  position(service: number): number {
    return Number(
      new DataView(this.#read(this.opened.maps.service_live, service).buffer).getBigUint64(0, true),
    );
  }

  /** What the first processor counted. */
  setCounters(map: 'service_counters' | 'destination_counters', id: number, counters: CounterValues): void {
    const { [map]: target } = this.opened.maps;
    const bytes = new Uint8Array(target.valueSize);
    bytes.set(encodeCounters(counters));
    target.update(idKey(id), bytes);
  }

  #open(writer?: MapWriter): EbpfTable {
    const modules: EbpfTableModules = {
      ...this.opened,
      environment: new HostEnvironment(),
      now: () => this.now,
      unprivilegedPortStart: 1024,
      dataPlane: {
        destinationAdded: (id, address, forwarding) => this.announced.push(`+${id} ${address} ${forwarding}`),
        destinationRemoved: (id) => this.announced.push(`-${id}`),
      },
      ...(writer === undefined ? {} : { writer }),
    };
    return new EbpfTable(modules);
  }

  #read(map: BpfMap, id: number): Uint8Array {
    const value = map.lookup(idKey(id));
    assert.ok(value, `${map.name} has no entry ${id}`);
    return value;
  }
}

function idKey(id: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(id).buffer);
}
