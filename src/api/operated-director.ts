import type { IpAddress } from '../model/address.ts';
import type { ConfiguredSync } from '../model/configured-sync.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import type { DestinationKey } from '../model/destination.ts';
import type { CheckAttempt, HealthState, ServiceHealth } from '../model/health.ts';
import type { ServiceId, ServiceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import type { Port } from '../model/unit.ts';
import type { VrrpStatus } from '../model/vrrp-status.ts';
import type { TableChange } from './protocol.ts';

/** Which destinations a request is about: those of an address, of all services or of one. */
export interface DestinationSelection {
  readonly address: IpAddress;
  /** Absent for every port of the address. */
  readonly port?: Port;
  /** Absent for every service. */
  readonly service?: ServiceKey;
}

/** Takes destinations out of service without cutting connections. */
export interface DrainRequest extends DestinationSelection {
  /** Seconds after which it ends whatever connections remain; absent for none. */
  readonly deadline?: number;
  /** What follows when no connection is left, or the deadline is over: the destination goes, or stays with weight 0. */
  readonly then: 'remove' | 'leave';
}

/** A destination that is being drained, or was. */
export interface DrainStatus {
  readonly service: ServiceKey;
  readonly destination: DestinationKey;
  /** `drained`: no connection is left; `expired`: the deadline was over first. */
  readonly state: 'draining' | 'drained' | 'expired';
  readonly then: 'remove' | 'leave';
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** ISO 8601, UTC; absent where there is none. */
  readonly deadlineAt?: string;
  /** Connections that it had when the drain began, and has now: active and inactive ones. */
  readonly connectionsAtStart: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
}

/** What happened, in the order in which it happened. */
export interface DirectorEvent {
  /** Rises by one from event to event, from 1. */
  readonly id: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly kind: EventKind;
  /** One line for people. */
  readonly text: string;
  readonly service?: ServiceKey;
  readonly destination?: DestinationKey;
  /** Of `destination` and `quorum`. */
  readonly state?: HealthState;
  /** Who asked for it: `pid 812 (ipvsadm), uid 0`; absent where nobody did. */
  readonly actor?: string;
}

/** The kinds of events. */
export const EVENT_KINDS = [
  'started',
  'destination',
  'quorum',
  'sorry-server',
  'drain',
  'change',
  'reload',
  'drift',
  'script',
  'hung-check',
  'vrrp',
  'sync',
] as const;
/** One of {@link EVENT_KINDS}. */
export type EventKind = (typeof EVENT_KINDS)[number];

/** Which server a client's next packet reaches, and why. */
export interface Explanation {
  readonly service: ServiceKey;
  readonly client: { readonly address: IpAddress; readonly port?: Port };
  /** `connection`: there is one; `template`: persistence; `scheduler`: it would be chosen now; `none`: nobody. */
  readonly by: 'connection' | 'template' | 'scheduler' | 'none';
  /** Where it goes. With a scheduler that takes turns or draws lots it is the likeliest, and `certain` is false. */
  readonly destination?: DestinationKey;
  readonly certain: boolean;
  /** Sentences that lead to the answer, in their order. */
  readonly reasons: readonly string[];
  /** Every destination of the service, and why it is not taken. */
  readonly candidates: readonly ExplainedDestination[];
}

/** A destination as {@link Explanation} sees it. */
export interface ExplainedDestination {
  readonly destination: DestinationKey;
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly eligible: boolean;
  /** Why it is out (`weight 0: draining`, `down: connection refused`), or how it ranks (`score 256`). */
  readonly why: string;
}

/** What the API needs of a director beyond its table. */
export interface OperatedDirector {
  /**
   * The table as it is wanted, whatever checks and drains make of it at the moment: services of the configuration with what operators
   * changed of them, and the others as they are in the engine.
   */
  wanted(): Promise<Table>;
  /**
   * The wanted table with all that the configuration file says besides, checks and settings, as the text of a vipr.yaml. It is what
   * `vipr save` writes.
   */
  configuration(): Promise<string>;
  /** What other programs have changed of the director's services, as of the last look for it. */
  drift(): readonly TableChange[];
  health(): Promise<readonly ServiceHealth[]>;
  /** Without instances where the configuration has none. */
  vrrp(): VrrpStatus;
  /** What the configuration asks of synchronisation, and what has come of it where these daemons run. */
  configuredSync(running: readonly SyncDaemon[]): ConfiguredSync;
  /** Starts draining, or changes a drain that runs. Throws DESTINATION_NOT_FOUND where nothing matches. */
  drain(request: DrainRequest): Promise<readonly DrainStatus[]>;
  /** Drains that run or ended, until they are restored. */
  drains(): Promise<readonly DrainStatus[]>;
  /** Undoes drains; destinations that were removed come back. Throws DESTINATION_NOT_FOUND where nothing matches. */
  restore(selection: DestinationSelection): Promise<readonly DrainStatus[]>;
  /** Throws SERVICE_NOT_FOUND. */
  explain(client: Explanation['client'], service: ServiceId): Promise<Explanation>;
  /** Events after the one with this id, as far as they are remembered: the last 1,000. */
  events(after: number): readonly DirectorEvent[];
  /** Tells of each event as it happens; the answer ends that. */
  onEvent(listener: (event: DirectorEvent) => void): () => void;
  /** Tells of each attempt of a check, to a listener that must not throw; the answer ends that. */
  onAttempt(listener: (attempt: CheckAttempt) => void): () => void;
}
