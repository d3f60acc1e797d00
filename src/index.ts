/**
 * The library's door: the table and its operations as typed data, the schedulers, the engines, the client of a running
 * director, and the reader of vipr.yaml. What is not named here is free to change.
 *
 * A balancer in a few lines:
 *
 * ```ts
 * import { DEFAULT_TIMEOUTS, diffTables, parseConfig, RelayEngine } from 'vipr';
 *
 * const { table } = parseConfig(
 *   `services:
 *   - service: tcp 127.0.0.1:8080
 *     scheduler: rr
 *     destinations:
 *       - address: 127.0.0.1:3001
 *       - address: 127.0.0.1:3002`,
 *   'inline',
 * );
 * const engine = await RelayEngine.start();
 * const operations = diffTables({ services: [], timeouts: DEFAULT_TIMEOUTS }, table);
 * for (const error of await engine.execute(operations)) if (error) throw error;
 * ```
 */

// A running director, which is an engine too.
export { type ConnectionPageQuery, DirectorClient, type DirectorStatus } from './api/client.ts';
export type { DirectorAddress } from './api/director-address.ts';
export type { FollowOptions } from './api/follow-events.ts';
export type {
  DestinationSelection,
  DirectorEvent,
  DrainRequest,
  DrainStatus,
  EventKind,
  ExplainedDestination,
  Explanation,
} from './api/operated-director.ts';
export type {
  ConnectionsResponse,
  DirectorInfo,
  FieldChange,
  ReloadResponse,
  Synchronisation,
  TableChange,
  WantedTable,
} from './api/protocol.ts';
export type { AddressAndPort, ConnectionQuery } from './api/query.ts';
export type { StopSignal } from './api/request-sender.ts';
export { directorSocketPath } from './api/socket-path.ts';

// vipr.yaml.
export {
  type Config,
  type DriftMode,
  type EbpfSettings,
  ENGINE_CHOICES,
  type EngineChoice,
  type RelaySettings,
} from './config/config.ts';
export { ConfigInvalidError, type ConfigPath, type ConfigProblem } from './config/config-problem.ts';
export type { ConfigSource } from './config/config-source.ts';
export { loadConfig, parseConfig } from './config/load-config.ts';

// Engines: the interface, one without traffic, and one that carries it in userspace.
export type {
  Engine,
  EngineCapabilities,
  EngineInfo,
  EngineName,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
} from './engines/engine.ts';
export type { InterfaceAttachment } from './engines/interface-attachment.ts';
export { MemoryEngine, type MemoryEngineOptions } from './engines/memory/memory-engine.ts';
export { RelayEngine, type RelayOptions } from './engines/relay/relay-engine.ts';
export {
  type AddressClass,
  HostEnvironment,
  type HostEnvironmentOptions,
  type TableEnvironment,
} from './engines/table/environment.ts';

// The table as pure data: addresses and numbers that were checked once, services, destinations, operations, errors.
export {
  addressBytes,
  addressFromBytes,
  type Family,
  familyOf,
  type IpAddress,
  parseIpAddress,
} from './model/address.ts';
export type { Brand } from './model/brand.ts';
export type { ConfiguredDaemon, ConfiguredSync, DaemonFailure } from './model/configured-sync.ts';
export type { ConnectionEntry, TcpState } from './model/connection.ts';
export type { DaemonRole, SyncDaemon, SyncDaemonSettings } from './model/daemon.ts';
export {
  type Destination,
  type DestinationId,
  type DestinationKey,
  type DestinationSettings,
  destinationKey,
  type ForwardingMethod,
  IPIP_TUNNEL,
  type Tunnel,
} from './model/destination.ts';
export { diffTables } from './model/diff.ts';
export { ERROR_CODES, ViprError, type ViprErrorCode, type ViprErrorOptions } from './model/error.ts';
export type { CheckStatus, DestinationHealth, HealthState, ServiceHealth } from './model/health.ts';
export type { Operation, OperationKind } from './model/operation.ts';
export { type HostPort, parseHostPort } from './model/parse-host-port.ts';
export { parseServiceKey } from './model/parse-service-key.ts';
export {
  hostPort,
  NO_SCHEDULER_FLAGS,
  type Protocol,
  type SchedulerFlags,
  type Service,
  type ServiceId,
  type ServiceKey,
  type ServiceSettings,
  serviceFamily,
  serviceKey,
} from './model/service.ts';
export { destinationSettings, serviceSettings } from './model/settings.ts';
export type { Counters, Rates, Statistics } from './model/statistics.ts';
export type {
  SyncBackupStatus,
  SyncMasterStatus,
  SyncOutcome,
  SyncSourceStatus,
  SyncStatus,
} from './model/sync-status.ts';
export {
  DEFAULT_TIMEOUTS,
  type DestinationStatus,
  type ServiceStatus,
  type Table,
  type TableSnapshot,
  type Timeouts,
} from './model/table.ts';
export {
  asFirewallMark,
  asPort,
  asPrefixLength,
  asSeconds,
  asWeight,
  type FirewallMark,
  type Milliseconds,
  type Port,
  type PrefixLength,
  type Seconds,
  type Weight,
} from './model/unit.ts';
export type {
  VrrpGroupStatus,
  VrrpInstanceCounts,
  VrrpInstanceStatus,
  VrrpScriptStatus,
  VrrpStateName,
  VrrpStatus,
} from './model/vrrp-status.ts';

// Schedulers: by name, and the contract that a new one has to meet.
export { findScheduler, schedulerNames } from './scheduling/registry.ts';
export type {
  DestinationChange,
  Scheduler,
  SchedulerDefinition,
  SchedulerDestination,
  SchedulerModules,
  SchedulerService,
  SchedulingRequest,
} from './scheduling/scheduler.ts';
