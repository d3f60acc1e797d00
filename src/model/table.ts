import type { SyncDaemon } from './daemon.ts';
import type { Destination } from './destination.ts';
import type { Service } from './service.ts';
import type { Statistics } from './statistics.ts';
import type { Seconds } from './unit.ts';

/** The settable timeouts of the connection table (`--set`). */
export interface Timeouts {
  /** Idle established TCP connections. */
  readonly tcp: Seconds;
  /** TCP connections in FIN_WAIT. */
  readonly tcpfin: Seconds;
  readonly udp: Seconds;
}

/** ip_vs_proto_tcp.c, tcp_timeouts; ip_vs_proto_udp.c, udp_timeouts. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  tcp: 900 as Seconds,
  tcpfin: 120 as Seconds,
  udp: 300 as Seconds,
};

/** What an operator configures: the whole table without counts. */
export interface Table {
  readonly services: readonly Service[];
  readonly timeouts: Timeouts;
}

/** A destination as an engine observes it. */
export interface DestinationStatus extends Destination {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
  readonly statistics: Statistics;
}

/** A service as an engine observes it; services and destinations come in the engine's own order. */
export interface ServiceStatus extends Service {
  readonly destinations: readonly DestinationStatus[];
  readonly statistics: Statistics;
}

/** An immutable picture of an engine's table. */
export interface TableSnapshot extends Table {
  readonly services: readonly ServiceStatus[];
  readonly daemons: readonly SyncDaemon[];
}
