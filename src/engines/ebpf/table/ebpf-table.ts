import type { Family } from '../../../model/address.ts';
import type { ConnectionEntry } from '../../../model/connection.ts';
import type { SyncDaemon } from '../../../model/daemon.ts';
import { type DestinationId, destinationKey } from '../../../model/destination.ts';
import { ViprError } from '../../../model/error.ts';
import type { Operation } from '../../../model/operation.ts';
import { type ServiceId, serviceFamily, serviceKey } from '../../../model/service.ts';
import type { TableSnapshot } from '../../../model/table.ts';
import { findScheduler } from '../../../scheduling/registry.ts';
import type { OperationOutcome, ServiceLookup } from '../../engine.ts';
import type { TableEnvironment } from '../../table/environment.ts';
import { LiveTable } from '../../table/live-table.ts';
import { refuseUnsupported } from '../capability.ts';
import type { DataPlane } from '../data-plane.ts';
import type { JiffiesClock } from '../jiffies.ts';
import {
  SETTING_ANY_PORT_SERVICES,
  SETTING_FTP_SERVICES,
  SETTING_MARK_SERVICES,
  VIPR_LAYOUT,
} from '../layout.gen.ts';
import type { SettingsMap } from '../lifecycle/settings-map.ts';
import { connectionPages } from './connection-pages.ts';
import type { EngineMaps } from './engine-maps.ts';
import { LiveArrays } from './live-arrays.ts';
import { type MapWriter, systemMapWriter } from './map-writer.ts';
import { expireEntries } from './purge-connections.ts';
import { restoreTable } from './restore-table.ts';
import { RingLimit } from './ring-limit.ts';
import { TableWriter } from './table-writer.ts';
import { timeoutSettings } from './timeout-settings.ts';

export interface EbpfTableModules {
  /** Open for as long as the table is. */
  readonly maps: EngineMaps;
  readonly settings: Pick<SettingsMap, 'read' | 'change'>;
  readonly clock: JiffiesClock;
  readonly dataPlane: Pick<DataPlane, 'destinationAdded' | 'destinationRemoved'>;
  readonly environment: TableEnvironment;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** The first port that needs no privilege (net.ipv4.ip_unprivileged_port_start). */
  readonly unprivilegedPortStart: number;
  readonly writer?: MapWriter;
}

/** Services and destinations in the maps of the data plane: the rules of the table, written where packets are. */
export class EbpfTable {
  readonly #modules: EbpfTableModules;
  readonly #live: LiveArrays;
  readonly #writer: TableWriter;
  readonly #table: LiveTable;
  readonly #ringLimit = new RingLimit();

  /** Takes over what the maps hold from an earlier process; maps that are new are put to use. */
  constructor(modules: EbpfTableModules) {
    const { maps, environment, now, writer = systemMapWriter } = modules;
    this.#modules = modules;
    this.#live = new LiveArrays(maps);
    this.#writer = new TableWriter({ ...modules, writer, live: this.#live });
    this.#table = new LiveTable({
      environment,
      schedulers: findScheduler,
      // The data plane chooses: no scheduler of the table is asked.
      modules: { now, random: Math.random },
      observer: this.#writer,
      guard: (operation) => this.#prepare(operation),
    });
    if (modules.settings.read().layout !== 0)
      restoreTable(this.#table, this.#writer, { ...modules, live: this.#live });
    this.#flush();
  }

  /** Whose connections are whose. */
  get slots(): Pick<TableWriter, 'services' | 'destinations'> {
    return this.#writer;
  }

  /** The synchronisation daemons that are to run, the master first. */
  get daemons(): readonly SyncDaemon[] {
    return this.#table.daemons;
  }

  /** One outcome for each operation. Throws ENGINE_FAILED where maps cannot be written: the table is of no use then. */
  execute(operations: readonly Operation[]): OperationOutcome[] {
    this.#refreshCounts();
    // Zeroing remembers the counters of this moment.
    if (operations.some(({ kind }) => kind === 'zero')) this.#refreshCounters();
    const outcomes = operations.map((operation) => this.#outcome(operation));
    this.#flush();
    return outcomes;
  }

  snapshot(): TableSnapshot {
    this.#refreshCounts();
    this.#refreshCounters();
    return this.#table.snapshot();
  }

  service(id: ServiceId): ServiceLookup {
    const service = this.#table.find(serviceKey(id));
    const slot = this.#writer.services.find(serviceKey(id));
    if (service === undefined || slot === undefined) return undefined;
    service.statistics.set(this.#writer.serviceCounters.read(slot.id));
    for (const destination of service.destinations) {
      this.#live.refresh(destination);
      destination.statistics.set(this.#writer.destinationCounters.read(destination.slot));
    }
    return service.snapshot();
  }

  *connections(): Generator<readonly ConnectionEntry[], void, undefined> {
    const { maps, clock } = this.#modules;
    const addressOf = (id: number) => this.#writer.destinations.byId(id)?.destination.address;
    for (const [map, family] of [
      [maps.connections4, 'inet'],
      [maps.connections6, 'inet6'],
    ] as const satisfies readonly (readonly [unknown, Family])[]) {
      yield* connectionPages(map, family, clock, addressOf);
    }
  }

  /**
   * Has templates and connections of a destination expire, also of a deleted one, in steps; each yields how many connections it was. Templates
   * come first: a connection that is made meanwhile has another destination. The table is walked over only for what the counts tell of.
   */
  *purge(service: ServiceId, destination: DestinationId): Generator<number, void, undefined> {
    const { maps, clock } = this.#modules;
    const [owner, key] = [this.#writer.services.find(serviceKey(service)), destinationKey(destination)];
    const slot = this.#writer.destinations.all().find((each) => {
      return each.service === owner && destinationKey(each.destination) === key;
    });
    if (slot === undefined) return;
    this.#live.refresh(slot.destination);
    const { activeConnections, inactiveConnections, persistentConnections } = slot.destination;
    const map = serviceFamily(service) === 'inet' ? maps.connections4 : maps.connections6;
    if (persistentConnections > 0) for (const _ of expireEntries(map, slot.id, 'templates', clock)) yield 0;
    if (activeConnections + inactiveConnections > 0) yield* expireEntries(map, slot.id, 'connections', clock);
  }

  /** To be called once a second: estimates rates, lets go of deleted destinations, collects caches. */
  tick(): void {
    const now = this.#modules.now();
    if (this.#table.isDue(now)) {
      this.#refreshCounts();
      this.#refreshCounters();
      this.#table.tick(now);
      this.#flush();
    }
    if (this.#writer.cache.isDue(now)) this.#writer.cache.run(now);
  }

  /** The maps keep the table. */
  close(): void {
    this.#writer.close();
    this.#live.close();
  }

  #prepare(operation: Operation): void {
    refuseUnsupported(operation);
    if ('service' in operation && operation.service !== undefined) {
      this.#ringLimit.check(operation, this.#table.find(serviceKey(operation.service)));
    }
    this.#writer.prepare(operation);
  }

  #outcome(operation: Operation): OperationOutcome {
    try {
      this.#table.execute(operation);
      return undefined;
    } catch (error) {
      if (error instanceof ViprError) return error;
      throw error;
    }
  }

  #flush(): void {
    try {
      this.#writer.flush();
      this.#modules.settings.change(({ flags }) => ({
        layout: VIPR_LAYOUT,
        hz: this.#modules.clock.hz,
        flags: ((flags & ~KINDS_OF_SERVICES) | this.#kindsOfServices()) >>> 0,
        ...timeoutSettings(this.#table.timeouts, this.#modules.clock.hz),
        unprivilegedPortStart: this.#modules.unprivilegedPortStart,
      }));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ViprError('ENGINE_FAILED', `the eBPF maps cannot be written: ${reason}`, {
        cause,
        hint: 'Start the director again: it takes the table over from the maps and completes it.',
      });
    }
  }

  #kindsOfServices(): number {
    let flags = 0;
    for (const { identity, service } of this.#writer.services.all()) {
      if (service === undefined) continue;
      if (identity.kind === 'fwmark') flags |= SETTING_MARK_SERVICES;
      else if (identity.port === 0) flags |= SETTING_ANY_PORT_SERVICES;
      else if (identity.port === FTP_PORT && identity.protocol === 'tcp') flags |= SETTING_FTP_SERVICES;
    }
    return flags;
  }

  #refreshCounts(): void {
    for (const { destination } of this.#writer.destinations.all()) this.#live.refresh(destination);
  }

  #refreshCounters(): void {
    const { services, destinations, serviceCounters, destinationCounters } = this.#writer;
    serviceCounters.refresh(services.end, (id) => services.byId(id)?.service?.statistics);
    destinationCounters.refresh(destinations.end, (id) => destinations.byId(id)?.destination.statistics);
  }
}

const FTP_PORT = 21;
const KINDS_OF_SERVICES = SETTING_MARK_SERVICES | SETTING_ANY_PORT_SERVICES | SETTING_FTP_SERVICES;
