import type { EngineInfo } from '../engines/engine.ts';
import type { ConfiguredSync } from '../model/configured-sync.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import type { DestinationKey } from '../model/destination.ts';
import type { ServiceHealth } from '../model/health.ts';
import type { Operation } from '../model/operation.ts';
import type { ServiceKey } from '../model/service.ts';
import type { SyncStatus } from '../model/sync-status.ts';
import type { ServiceStatus, Table, TableSnapshot } from '../model/table.ts';
import type { VrrpStatus } from '../model/vrrp-status.ts';
import type { DirectorEvent, DrainStatus } from './operated-director.ts';

/** What the control API answers to, by name; every path carries the version of the protocol. */
export const ROUTES = {
  info: { method: 'GET', path: '/v1/info' },
  status: { method: 'GET', path: '/v1/status' },
  table: { method: 'GET', path: '/v1/table' },
  service: { method: 'GET', path: '/v1/service' },
  connections: { method: 'GET', path: '/v1/connections' },
  faults: { method: 'GET', path: '/v1/faults' },
  operations: { method: 'POST', path: '/v1/operations' },
  plan: { method: 'POST', path: '/v1/plan' },
  apply: { method: 'POST', path: '/v1/apply' },
  reload: { method: 'POST', path: '/v1/reload' },
  wanted: { method: 'GET', path: '/v1/wanted' },
  configuration: { method: 'GET', path: '/v1/configuration' },
  health: { method: 'GET', path: '/v1/health' },
  vrrp: { method: 'GET', path: '/v1/vrrp' },
  sync: { method: 'GET', path: '/v1/sync' },
  drains: { method: 'GET', path: '/v1/drains' },
  drain: { method: 'POST', path: '/v1/drain' },
  restore: { method: 'POST', path: '/v1/restore' },
  explain: { method: 'GET', path: '/v1/explain' },
  events: { method: 'GET', path: '/v1/events' },
  openapi: { method: 'GET', path: '/v1/openapi.json' },
  metrics: { method: 'GET', path: '/metrics' },
} as const;

/** The names of the routes. */
export type RouteName = keyof typeof ROUTES;

/** Largest body of a request, in bytes. */
export const BODY_LIMIT = 32 * 1024 * 1024;

/** Whole pages of connections, one JSON array a line. */
export const CONNECTIONS_CONTENT_TYPE = 'application/x-ndjson';

/** Server-sent events, as of the HTML standard (9.2). */
export const EVENTS_CONTENT_TYPE = 'text/event-stream';

/** Entries of a page of connections. */
export const PAGE_LIMIT = { most: 10_000, usual: 1_000 } as const;

/** A value as JSON carries it: 64-bit numbers are decimal strings, everything else is as it is. */
export type Wire<T> = T extends bigint
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer E)[]
      ? readonly Wire<E>[]
      : { readonly [K in keyof T]: Wire<T[K]> };

/** An error as JSON: of a refused operation, or of a whole request. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly errno?: string;
  readonly hint?: string;
}

/** The body of every answer whose status is 400 or above. */
export interface Problem extends ErrorBody {
  /** Every field of a refused request that is wrong, the first one first. */
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

/** What a director says of itself. */
export interface DirectorInfo {
  readonly pid: number;
  /** vipr's own version. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Why the director runs this engine and not another. */
  readonly engineReason: string;
  /** The configuration file, as an absolute path, where there is one. */
  readonly configFile?: string;
}

export interface InfoResponse extends EngineInfo {
  readonly director: DirectorInfo;
}

export interface OperationsRequest {
  readonly operations: readonly Operation[];
}

export interface OperationsResponse {
  /** One for each operation; null where it was done. */
  readonly outcomes: readonly (ErrorBody | null)[];
}

/** A table that the director is to plan, or to apply. */
export interface WantedTable extends Table {
  /** Whether services go that are not in the table and that nobody owns. */
  readonly prune?: boolean;
}

/** A setting that changes, as it is told to people: `{ field: 'weight', before: '1', after: '5' }`. */
export interface FieldChange {
  readonly field: string;
  /** Absent where it had its default, or was not there. */
  readonly before?: string;
  /** Absent where it gets its default, or goes. */
  readonly after?: string;
}

/** One step from a table to another. */
export interface TableChange {
  readonly action: 'add' | 'change' | 'remove';
  /** Absent of a change of the timeouts. */
  readonly service?: ServiceKey;
  /** Where it is about one destination of the service. */
  readonly destination?: DestinationKey;
  /** Of what is added or removed, its settings. */
  readonly fields: readonly FieldChange[];
}

/** What changes, or was changed. */
export interface ChangesResponse {
  readonly changes: readonly TableChange[];
}

/** What a reload changed. */
export interface ReloadResponse extends ChangesResponse {
  /** What it could not change, a sentence each: settings that hold from the start to the end. */
  readonly notes: readonly string[];
}

export type TableResponse = Wire<TableSnapshot>;
export type ServiceResponse = Wire<ServiceStatus>;

export interface FaultsResponse {
  readonly faults: Readonly<Record<ServiceKey, string>>;
}

export interface HealthResponse {
  readonly services: readonly ServiceHealth[];
}

/** Connection synchronisation: the daemons that run, those that the configuration asks for, and how those are whose counts the engine knows. */
export interface Synchronisation extends SyncStatus, ConfiguredSync {
  readonly daemons: readonly SyncDaemon[];
}

export interface DrainsResponse {
  readonly drains: readonly DrainStatus[];
}

export interface EventsResponse {
  readonly events: readonly DirectorEvent[];
}

/** A page of the connection table, in an order that stays. */
export interface ConnectionsResponse {
  readonly connections: readonly ConnectionEntry[];
  /** The cursor of the next page; absent of the last one. */
  readonly next?: string;
}

/** The configuration that is in effect. */
export interface ConfigurationResponse {
  /** A vipr.yaml. */
  readonly yaml: string;
}

export interface StatusResponse extends FaultsResponse {
  readonly info: InfoResponse;
  readonly table: TableResponse;
  readonly health: readonly ServiceHealth[];
  readonly drains: readonly DrainStatus[];
  /** What other programs have changed of the director's services. */
  readonly drift: readonly TableChange[];
  readonly vrrp: VrrpStatus;
  readonly synchronisation: Synchronisation;
}
