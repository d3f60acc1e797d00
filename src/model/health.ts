import type { ProbeKind } from './check.ts';
import type { DestinationKey } from './destination.ts';
import type { ServiceKey } from './service.ts';

/** Whether something serves. */
export type HealthState = 'up' | 'down';

/** What one check of a destination found. */
export interface CheckStatus {
  readonly kind: ProbeKind;
  /** What is checked, for people: `http://10.0.0.11:80/health`. */
  readonly target: string;
  readonly state: HealthState;
  /** ISO 8601, UTC: since when it is in this state. */
  readonly since: string;
  /** ISO 8601, UTC: when the last attempt ended; absent before the first. */
  readonly checkedAt?: string;
  /** What the last attempt found; absent before the first. */
  readonly detail?: string;
  /** Milliseconds that the last attempt took; absent before the first. */
  readonly latency?: number;
  /** Since the check began. */
  readonly attempts: number;
  /** Since the check began. */
  readonly failures: number;
  /** Present where an attempt did not end in its time and could not be ended: how many milliseconds it is late. */
  readonly hung?: number;
}

/** An attempt of a check that ended, or that hangs. */
export interface CheckAttempt {
  readonly kind: ProbeKind;
  /** Milliseconds that it took, or until it counted as hung. */
  readonly latency: number;
}

/** How a destination is. */
export interface DestinationHealth {
  readonly destination: DestinationKey;
  /** `sorry` for the server that stands in for all others. */
  readonly role: 'real' | 'sorry';
  /** A destination without checks is up. */
  readonly state: HealthState;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** What the configuration gives it. */
  readonly configuredWeight: number;
  /** What it has in the engine; absent where it is not there. */
  readonly weight?: number;
  /** Why `weight` is not `configuredWeight`: `down`, `draining`, `slow start`, `set by a check`, `no quorum`; absent where it is. */
  readonly reason?: string;
  /** Empty where it is not watched. */
  readonly checks: readonly CheckStatus[];
}

/** How a service is. */
export interface ServiceHealth {
  readonly service: ServiceKey;
  readonly quorum: {
    readonly state: HealthState;
    /** The weight that has to be alive. */
    readonly needed: number;
    readonly hysteresis: number;
    /** The weight that is alive. */
    readonly alive: number;
  };
  /** The sorry server's included, where there is one. */
  readonly destinations: readonly DestinationHealth[];
}
