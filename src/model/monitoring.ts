import type { Check } from './check.ts';
import type { Destination, DestinationKey } from './destination.ts';
import type { ScriptCommand } from './script-command.ts';
import type { ServiceKey } from './service.ts';
import type { Milliseconds } from './unit.ts';

/** What becomes of the connections of a destination that failed. */
export type ConnectionsOnFailure = 'purge' | 'leave';

/** How a destination is watched, and what follows from it. */
export interface DestinationMonitoring {
  /** All have to be up; none: the destination is always up. */
  readonly checks: readonly Check[];
  /** Whether a failed destination stays with weight 0 instead of being removed. */
  readonly inhibitOnFailure: boolean;
  readonly connectionsOnFailure: ConnectionsOnFailure;
  /** The time over which the weight of a recovered destination rises to its own; 0 for at once. */
  readonly slowStart: Milliseconds;
  readonly notifyUp?: ScriptCommand;
  readonly notifyDown?: ScriptCommand;
}

/** A destination that serves where a service has lost its quorum. */
export interface SorryServer {
  readonly destination: Destination;
  /** Whether it stays in the table with weight 0 while it is not needed. */
  readonly inhibit: boolean;
}

/** How a service is watched. */
export interface ServiceMonitoring {
  /** The weight that has to be alive; from 1. */
  readonly quorum: number;
  /** The quorum is gained at `quorum + hysteresis` and lost below `quorum - hysteresis`; from 0, below `quorum`. */
  readonly hysteresis: number;
  /** Whether the quorum counts as lost until it is gained for the first time, so that its being gained is told. */
  readonly alpha: boolean;
  /** Whether the scripts for loss and failure run when the director ends. */
  readonly omega: boolean;
  readonly quorumUp?: ScriptCommand;
  readonly quorumDown?: ScriptCommand;
  readonly sorryServer?: SorryServer;
  readonly destinations: ReadonlyMap<DestinationKey, DestinationMonitoring>;
}

/** How services are watched; those that are absent are not. */
export type Monitoring = ReadonlyMap<ServiceKey, ServiceMonitoring>;

/** Where changes of health are told besides the log; what is absent is told nowhere. */
export interface NotifySettings {
  /** Named pipes that get a line for each change, in order. */
  readonly fifos: readonly NotifyFifo[];
}

/** A named pipe, made where it is missing, and what reads from it. */
export interface NotifyFifo {
  readonly path: string;
  /** A program that is started with the pipe's path as its last argument, and ended with the director. */
  readonly reader?: ScriptCommand;
}
