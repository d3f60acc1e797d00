import type { IpAddress } from '../model/address.ts';
import type { SchedulerFlags } from '../model/service.ts';
import type { Port } from '../model/unit.ts';

/** What a scheduler reads of a destination; engines pass their own live objects, updated in place. */
export interface SchedulerDestination {
  readonly address: IpAddress;
  readonly port: Port;
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  /** Whether the upper threshold was reached (IP_VS_DEST_F_OVERLOAD). */
  readonly overloaded: boolean;
  /** False once the destination was deleted (IP_VS_DEST_F_AVAILABLE): caches may still hold it. */
  readonly available: boolean;
  /** The latest weight that was not 0, or the first one given (ip_vs_dest.last_weight); mh deals by it. */
  readonly lastWeight: number;
}

/** What a scheduler may look at in the packet that opens a connection. */
export interface SchedulingRequest {
  readonly clientAddress: IpAddress;
  readonly clientPort: Port;
  /** Destination address of the packet: the VIP, but for fwmark services. */
  readonly virtualAddress: IpAddress;
}

/** The live service that a scheduler is bound to. */
export interface SchedulerService<D extends SchedulerDestination> {
  /** In list order, the newest first; the array is the engine's own and changes in place. */
  readonly destinations: readonly D[];
  readonly schedulerFlags: SchedulerFlags;
}

/** Time and chance, injected. */
export interface SchedulerModules {
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** What became of a destination; `edited` is told after changes of the weight too. */
export type DestinationChange = 'added' | 'edited' | 'deleted';

/** A scheduler bound to one service. It picks; it never changes a destination. */
export interface Scheduler<D extends SchedulerDestination> {
  /** The destination for a new connection, or undefined where nobody can take it. */
  schedule(request: SchedulingRequest): D | undefined;
  /**
   * Called after each change of the list or of a destination's weight. For `deleted`, `position` is the index that the
   * destination had.
   */
  destinationChanged?(change: DestinationChange, destination: D, position: number): void;
}

/** An entry of the registry: how the scheduler of a name is made. */
export interface SchedulerDefinition {
  readonly name: string;
  bind<D extends SchedulerDestination>(service: SchedulerService<D>, modules: SchedulerModules): Scheduler<D>;
}
