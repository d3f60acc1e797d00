import type { DestinationKey } from '../model/destination.ts';
import type { HealthState } from '../model/health.ts';
import type { ScriptCommand } from '../model/script-command.ts';
import type { ServiceKey } from '../model/service.ts';

/** What happened to the health of a service; `text` is one line for people. */
export type HealthEvent = DestinationEvent | QuorumEvent | SorryServerEvent | CheckEvent;

/** A destination went up or down. */
export interface DestinationEvent {
  readonly kind: 'destination';
  readonly service: ServiceKey;
  readonly destination: DestinationKey;
  readonly state: HealthState;
  readonly text: string;
  /** What the configuration runs for it. */
  readonly script?: ScriptCommand;
}

/** A service gained its quorum, or lost it. */
export interface QuorumEvent {
  readonly kind: 'quorum';
  readonly service: ServiceKey;
  readonly state: HealthState;
  readonly text: string;
  /** What the configuration runs for it. */
  readonly script?: ScriptCommand;
}

/** The sorry server stands in (`up`), or is not needed any more (`down`). */
export interface SorryServerEvent {
  readonly kind: 'sorry-server';
  readonly service: ServiceKey;
  readonly destination: DestinationKey;
  readonly state: HealthState;
  readonly text: string;
}

/** An attempt failed without changing the destination's state; or it did not end after its time, and could not be ended. */
export interface CheckEvent {
  readonly kind: 'check-failed' | 'hung-check';
  readonly service: ServiceKey;
  readonly destination: DestinationKey;
  readonly text: string;
}
