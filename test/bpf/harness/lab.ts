import { encodeConnection } from '../../../src/engines/ebpf/codec/connection-codec.ts';
import { decodeCounters } from '../../../src/engines/ebpf/codec/counters-codec.ts';
import { encodeMarkRule, type MarkRule } from '../../../src/engines/ebpf/codec/mark-rule-codec.ts';
import { encodeSettings, type SettingsRecord } from '../../../src/engines/ebpf/codec/settings-codec.ts';
import {
  OFFSET,
  SETTING_ANY_PORT_SERVICES,
  SETTING_FTP_SERVICES,
  SETTING_MARK_SERVICES,
  VIPR_LAYOUT,
} from '../../../src/engines/ebpf/layout.gen.ts';
import { HostEnvironment } from '../../../src/engines/table/environment.ts';
import type { LiveDestination } from '../../../src/engines/table/live-destination.ts';
import { LiveTable } from '../../../src/engines/table/live-table.ts';
import { parseCommand } from '../../../src/ipvsadm/parse.ts';
import type { CounterValues } from '../../../src/model/estimator.ts';
import type { Operation } from '../../../src/model/operation.ts';
import { findScheduler } from '../../../src/scheduling/registry.ts';
import { whyNoBpf } from '../../../src/system/bpf/testing/why-no-bpf.ts';
import { fixedNames } from '../../ipvsadm/fixed-names.ts';
import type { Layer } from '../../packet/packet.ts';
import { type ListedConnection, listConnections, listReplies } from './connection-list.ts';
import { DataPlane, type DataPlaneSizes } from './data-plane.ts';
import { endText } from './flow.ts';
import { indexKey } from './map-entries.ts';
import { type Outcome, runIngress, type Sending } from './run-frame.ts';
import { HZ, macBytes, TableMaps } from './table-maps.ts';
import { makeTestNetwork, type TestNetwork } from './test-network.ts';

const prepared = prepare();

/** Why there is no data plane to test here, for a `skip`; false where there is. */
export const whyNoLab: string | false = typeof prepared === 'string' ? prepared : false;

/** What `ipvsadm -Ln` shows of a destination. */
export interface LiveCounts {
  readonly active: number;
  readonly inactive: number;
  readonly persistent: number;
  readonly overloaded: boolean;
}

/** Seconds: facts of ip_vs_proto_tcp.c, tcp_timeouts, and ip_vs_proto_sctp.c, sctp_timeouts. */
const TCP_SECONDS = [2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120];
const SCTP_SECONDS = [2, 4, 61, 61, 61, 61, 61, 61, 900, 61, 61, 61, 4, 61];

/** A data plane with a director's table: configured by lines of `ipvsadm`, shown frames, asked for what it knows. */
export class Lab {
  readonly plane: DataPlane;
  readonly network: TestNetwork;
  readonly maps: TableMaps;
  readonly #table: LiveTable;
  readonly #sizes: string;
  #settings: Partial<SettingsRecord> = {};

  constructor(sizes: DataPlaneSizes = {}) {
    if (typeof prepared === 'string') throw new Error(prepared);
    this.network = prepared;
    this.#sizes = JSON.stringify(sizes);
    this.plane = take(sizes);
    this.maps = new TableMaps(this.plane, prepared);
    this.#table = new LiveTable({
      environment: new HostEnvironment(),
      schedulers: findScheduler,
      modules: { now: () => 0, random: () => 0 },
      observer: this.maps,
    });
    for (const { ifindex, mac } of [prepared.clients, prepared.servers]) this.#putInterface(ifindex, mac);
    this.set({});
  }

  /** Lines of `ipvsadm -R`, empty ones left out. */
  async configure(lines: string): Promise<void> {
    for (const line of lines.split('\n').map((each) => each.trim())) {
      if (line === '') continue;
      const command = await parseCommand(line.split(' '), fixedNames());
      if (command.kind !== 'operation') throw new TypeError(`${line} changes nothing`);
      this.#change(command.operation);
    }
    this.#publish();
  }

  execute(operation: Operation): void {
    this.#change(operation);
    this.#publish();
  }

  /** Settings that differ from IPVS's defaults; what earlier calls set is forgotten. `flags` are SETTING_*. */
  set(settings: Partial<SettingsRecord>): void {
    this.#settings = settings;
    const { tcp, tcpfin, udp } = this.#table.timeouts;
    const seconds = TCP_SECONDS.with(1, tcp).with(4, tcpfin);
    const record: SettingsRecord = {
      layout: VIPR_LAYOUT,
      hz: HZ,
      connReuseMode: 1,
      dropPacketRate: 0,
      markRules: 0,
      routeGeneration: 1,
      embryonicLimit: 0,
      expireUdp: udp * HZ,
      expireTcp: seconds.map((each) => each * HZ),
      expireSctp: SCTP_SECONDS.map((each) => each * HZ),
      unprivilegedPortStart: 1024,
      dropEntryOdds: 32,
      syncThreshold: 0,
      syncPeriod: 0,
      syncRefresh: 0,
      syncRetries: 0,
      ...settings,
      flags: (settings.flags ?? 0) | this.#tableFlags(),
    };
    this.plane.map('settings').update(indexKey(0), encodeSettings(record));
  }

  /** Rules that give marks; `set({ markRules })` switches them on. */
  putMarkRules(rules: readonly MarkRule[]): void {
    for (const [index, rule] of rules.entries())
      this.plane.map('mark_rules').update(indexKey(index), encodeMarkRule(rule));
  }

  /** Shows a frame to the director. */
  send(layers: readonly Layer[], sending: Sending = {}): Outcome {
    return runIngress(this, layers, sending);
  }

  /** All entries, templates included. */
  connections(): ListedConnection[] {
    return [...listConnections(this.plane, (id) => this.destination(id).address)];
  }

  /** The entry of a client's flow, without templates. */
  find(client: string, virtual?: string): ListedConnection | undefined {
    return this.connections().find(
      (each) => !each.template && each.client === client && (virtual ?? each.virtual) === each.virtual,
    );
  }

  templates(): ListedConnection[] {
    return this.connections().filter(({ template }) => template);
  }

  replies(): string[] {
    return listReplies(this.plane);
  }

  /** The destination with an id, deleted ones included. */
  destination(id: number): LiveDestination {
    const found = this.maps.destinations[id];
    if (found === undefined) throw new RangeError(`there is no destination ${id}`);
    return found;
  }

  /** Counts of the only destination on an address and port. */
  live(server: string): LiveCounts {
    return this.liveOf(this.#idOf(server));
  }

  /** Counts of the destination with an id. */
  liveOf(id: number): LiveCounts {
    const value = this.plane.map('destination_live').lookup(indexKey(id)) ?? new Uint8Array(16);
    const view = new DataView(value.buffer);
    const at = OFFSET.destination_live;
    return {
      active: view.getUint32(at.active, true),
      inactive: view.getUint32(at.inactive, true),
      persistent: view.getUint32(at.persistent, true),
      overloaded: view.getUint32(at.overloaded, true) !== 0,
    };
  }

  /** Counters of the only destination on an address and port. */
  destinationCounters(server: string): CounterValues {
    return this.#counters('destination_counters', this.#idOf(server));
  }

  /** Counters of the service that the destination belongs to. */
  serviceCounters(server: string): CounterValues {
    const { service } = this.destination(this.#idOf(server));
    return this.#counters('service_counters', this.maps.serviceId(service.key));
  }

  /** TOTAL_* of bpf/abi.h, over all CPUs. */
  total(which: number): number {
    const map = this.plane.map('totals');
    const value = map.lookup(indexKey(which));
    if (value === undefined) return 0;
    return new BigUint64Array(value.buffer).reduce((sum, each) => sum + Number(each), 0);
  }

  /** Lets time pass for the entries that `concerns` names, all unless given; removes nothing. */
  elapse(seconds: number, concerns: (connection: ListedConnection) => boolean = () => true): void {
    for (const connection of this.connections()) {
      if (!concerns(connection)) continue;
      const { key, record } = connection;
      const expires = Math.max(0, record.expires - seconds * HZ);
      const map = key.length === 16 ? 'connections4' : 'connections6';
      this.plane.map(map).update(key, encodeConnection({ ...record, expires }));
    }
  }

  /** Time passes, and the sweep comes by. */
  expire(seconds: number): void {
    this.elapse(seconds);
    this.plane.sweep();
  }

  /** Another lab of these sizes can have the data plane now. */
  close(): void {
    free.set(this.#sizes, this.plane);
  }

  #change(operation: Operation): void {
    this.maps.follow();
    this.#table.execute(operation);
  }

  #publish(): void {
    this.maps.flush();
    this.set(this.#settings);
  }

  #tableFlags(): number {
    let flags = 0;
    for (const { id } of this.maps.services) {
      if (id.kind === 'fwmark') flags |= SETTING_MARK_SERVICES;
      else if (id.port === 0) flags |= SETTING_ANY_PORT_SERVICES;
      else if (id.port === 21 && id.protocol === 'tcp') flags |= SETTING_FTP_SERVICES;
    }
    return flags;
  }

  #idOf(server: string): number {
    const found = this.maps.destinations.filter((each) => endText(each) === server);
    if (found.length !== 1 || found[0] === undefined)
      throw new RangeError(`${found.length} destinations are ${server}`);
    return found[0].slot;
  }

  #counters(map: string, id: number): CounterValues {
    const counters = this.plane.map(map);
    return decodeCounters(counters.lookup(indexKey(id)) ?? new Uint8Array(counters.valueSize), counters.cpus);
  }

  /** `struct interface` of bpf/abi.h, a device that XDP can send out of. */
  #putInterface(ifindex: number, mac: string): void {
    const interfaces = this.plane.map('interfaces');
    const value = new Uint8Array(interfaces.valueSize);
    const view = new DataView(value.buffer);
    view.setUint32(0, 1, true);
    view.setUint32(4, 1500, true);
    value.set(macBytes(mac), 8);
    interfaces.update(indexKey(ifindex), value);
  }
}

/** The network of this process, or why it has none. */
function prepare(): TestNetwork | string {
  return whyNoBpf === false ? makeTestNetwork() : whyNoBpf;
}

/** Data planes that no lab has, by their sizes: to load one takes the kernel a second. They end with the process. */
const free = new Map<string, DataPlane>();

function take(sizes: DataPlaneSizes): DataPlane {
  const key = JSON.stringify(sizes);
  const known = free.get(key);
  free.delete(key);
  known?.clear();
  return known ?? new DataPlane(sizes);
}
