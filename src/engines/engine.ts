import type { Family } from '../model/address.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import type { DestinationId, ForwardingMethod } from '../model/destination.ts';
import type { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import type { Protocol, ServiceId, ServiceKey } from '../model/service.ts';
import type { SyncStatus } from '../model/sync-status.ts';
import type { DestinationStatus, ServiceStatus, TableSnapshot } from '../model/table.ts';
import type { InterfaceAttachment } from './interface-attachment.ts';

/** `ipvs` has the kernel carry the traffic, `ebpf` vipr's programs in the kernel, `relay` userspace; `memory` carries none. */
export type EngineName = 'ipvs' | 'ebpf' | 'relay' | 'memory';

/** What an engine can do; what it cannot is refused with NOT_SUPPORTED_BY_ENGINE, naming an engine that can. */
export interface EngineCapabilities {
  readonly forwarding: readonly ForwardingMethod[];
  readonly protocols: readonly Protocol[];
  readonly families: readonly Family[];
  readonly schedulers: readonly string[];
  readonly fwmark: boolean;
  /** Services on port 0, which take every port of an address. */
  readonly anyPort: boolean;
  readonly persistenceEngines: readonly string[];
  readonly syncDaemon: boolean;
  readonly proxyProtocol: boolean;
}

/** What an engine says of itself. */
export interface EngineInfo {
  readonly name: EngineName;
  /** IPVS's version, `1.2.1`, as the heads of lists print it. */
  readonly version: string;
  /** Rows of the connection table, as the heads of lists print it. */
  readonly connectionTableSize: number;
  readonly capabilities: EngineCapabilities;
  /** Of engines that attach programs to interfaces. */
  readonly attachments?: readonly InterfaceAttachment[];
}

/** What the plain list of the table shows of a destination. */
export type DestinationOverview = Pick<
  DestinationStatus,
  'address' | 'port' | 'forwarding' | 'weight' | 'activeConnections' | 'inactiveConnections'
>;

/** What the plain list of the table shows of a service. */
export interface ServiceOverview extends Omit<ServiceStatus, 'destinations' | 'statistics'> {
  readonly destinations: readonly DestinationOverview[];
}

/** One service with its destinations, or undefined where there is no such service. */
export type ServiceLookup = ServiceStatus | undefined;

/** Outcome of one operation of a batch: undefined where it was done. */
export type OperationOutcome = ViprError | undefined;

/** How a service that the table holds fails to take traffic, by service: an address that is not local, a busy port. */
export type ServiceFaults = ReadonlyMap<ServiceKey, string>;

/**
 * A data plane behind the table. Implementations: ipvs (the kernel's), relay (userspace), memory (no traffic);
 * `src/api/client.ts` implements it over the director's socket.
 */
export interface Engine {
  info(): Promise<EngineInfo>;
  /**
   * Carries the operations out in their order. A refused one changes nothing and does not stop the others.
   * The answer has one outcome for each operation.
   */
  execute(operations: readonly Operation[]): Promise<OperationOutcome[]>;
  snapshot(): Promise<TableSnapshot>;
  /** What the plain list shows, where the engine has that with less effort than a snapshot. */
  overview?(): Promise<readonly ServiceOverview[]>;
  /** The synchronisation daemons that run, the master first, where the engine has them with less effort than a snapshot. */
  daemons?(): Promise<readonly SyncDaemon[]>;
  /** The one service, or undefined where the table does not hold it. */
  service(id: ServiceId): Promise<ServiceLookup>;
  /** Connections and templates, in pages, in no particular order. */
  connections(): AsyncIterable<readonly ConnectionEntry[]>;
  faults(): Promise<ServiceFaults>;
  /**
   * Ends the connections of a destination that takes no new ones, as its weight is 0 or it was deleted, and lets its templates go, so that
   * clients which persist find another one. Resolves to how many connections that were, without templates; 0 where the engine cannot tell.
   * Absent where it cannot be done at all.
   */
  purgeConnections?(service: ServiceId, destination: DestinationId): Promise<number>;
  /** How the engine's own connection synchronisation is; absent where it has none: of the kernel's daemons only settings are known. */
  synchronisation?(): Promise<SyncStatus>;
  /**
   * Stops taking new connections, waits at most `drainMilliseconds` for those that run, then ends everything.
   * Safe to call twice: the second call with 0 ends at once.
   */
  close(drainMilliseconds: number): Promise<void>;
}
