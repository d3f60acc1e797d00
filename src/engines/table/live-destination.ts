import type { IpAddress } from '../../model/address.ts';
import { type Destination, type DestinationKey, destinationKey } from '../../model/destination.ts';
import type { DestinationStatus } from '../../model/table.ts';
import type { Port } from '../../model/unit.ts';
import type { SchedulerDestination } from '../../scheduling/scheduler.ts';
import type { LiveService } from './live-service.ts';
import { LiveStatistics } from './live-statistics.ts';

/**
 * A real server as a data plane works with it (struct ip_vs_dest): read by schedulers, changed in place by connections
 * that come and go. It outlives its removal from the table for as long as connections refer to it.
 */
export class LiveDestination implements SchedulerDestination {
  readonly address: IpAddress;
  readonly port: Port;
  readonly key: DestinationKey;
  /** The service that it belongs to, or belonged to last. */
  service: LiveService;
  /** The configuration; an edit replaces it as a whole. */
  settings: Destination;
  weight: number;
  lastWeight: number;
  activeConnections = 0;
  inactiveConnections = 0;
  /** Persistence templates. */
  persistentConnections = 0;
  overloaded = false;
  available = true;
  readonly statistics = new LiveStatistics();
  /** For the engine's own use. */
  slot = -1;

  constructor(service: LiveService, settings: Destination) {
    this.address = settings.address;
    this.port = settings.port;
    this.key = destinationKey(settings);
    this.service = service;
    this.settings = settings;
    this.weight = settings.weight;
    this.lastWeight = settings.weight;
  }

  /**
   * Takes the settings of an edit (ip_vs_ctl.c, __ip_vs_update_dest). New thresholds are held against the connections at once,
   * as Linux 6.12.117 was seen to do; older kernels waited for the next connection, and cleared the overload of any raised one.
   */
  edit(settings: Destination): void {
    this.settings = settings;
    this.#relieveIfRoomy();
    this.#overloadIfFull();
    this.weight = settings.weight;
    if (settings.weight !== 0) this.lastWeight = settings.weight;
  }

  /** Comes back from the trash into a service of the same identity: connections count on, statistics only in the same service. */
  revive(service: LiveService, settings: Destination): void {
    this.edit(settings);
    this.lastWeight = settings.weight;
    this.available = true;
    if (this.service === service) return;
    this.service = service;
    this.statistics.zero();
  }

  /** A new connection: inactive until its protocol says otherwise (ip_vs_conn.c, ip_vs_bind_dest). */
  bind(): void {
    this.inactiveConnections += 1;
    this.#overloadIfFull();
  }

  markActive(): void {
    this.inactiveConnections -= 1;
    this.activeConnections += 1;
  }

  markInactive(): void {
    this.activeConnections -= 1;
    this.inactiveConnections += 1;
  }

  /** The end of a connection that counted as active, or as inactive (ip_vs_conn.c, ip_vs_unbind_dest). */
  unbind(active: boolean): void {
    if (active) this.activeConnections -= 1;
    else this.inactiveConnections -= 1;
    this.#relieveIfRoomy();
  }

  bindTemplate(): void {
    this.persistentConnections += 1;
    this.#overloadIfFull();
  }

  unbindTemplate(): void {
    this.persistentConnections -= 1;
    this.#relieveIfRoomy();
  }

  /** Counts a scheduled connection here and in the service (ip_vs_core.c, ip_vs_conn_stats). */
  countConnection(): void {
    this.statistics.connections += 1;
    this.service.statistics.connections += 1;
  }

  /** Counts what clients sent; a destination that was deleted counts nothing (ip_vs_core.c, ip_vs_in_stats). */
  countIn(packets: number, bytes: number): void {
    if (!this.available) return;
    this.statistics.inPackets += packets;
    this.statistics.inBytes += bytes;
    this.service.statistics.inPackets += packets;
    this.service.statistics.inBytes += bytes;
  }

  /** Counts what the server sent; a destination that was deleted counts nothing (ip_vs_core.c, ip_vs_out_stats). */
  countOut(packets: number, bytes: number): void {
    if (!this.available) return;
    this.statistics.outPackets += packets;
    this.statistics.outBytes += bytes;
    this.service.statistics.outPackets += packets;
    this.service.statistics.outBytes += bytes;
  }

  snapshot(): DestinationStatus {
    return {
      ...this.settings,
      tunnel: { ...this.settings.tunnel },
      activeConnections: this.activeConnections,
      inactiveConnections: this.inactiveConnections,
      persistentConnections: this.persistentConnections,
      statistics: this.statistics.snapshot(),
    };
  }

  #overloadIfFull(): void {
    const { upperThreshold } = this.settings;
    if (upperThreshold !== 0 && this.activeConnections + this.inactiveConnections >= upperThreshold) {
      this.overloaded = true;
    }
  }

  #relieveIfRoomy(): void {
    const { upperThreshold, lowerThreshold } = this.settings;
    const connections = this.activeConnections + this.inactiveConnections;
    const roomy =
      lowerThreshold !== 0
        ? connections < lowerThreshold
        : upperThreshold === 0 || connections * 4 < upperThreshold * 3;
    if (roomy) this.overloaded = false;
  }
}
