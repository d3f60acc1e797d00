import type { ProbeKind } from '../model/check.ts';
import type { CheckAttempt } from '../model/health.ts';
import type { ServiceKey } from '../model/service.ts';
import type { Checker } from './checker.ts';
import type { HealthEvent } from './health-event.ts';
import type { Timers } from './timers.ts';

/** What a health monitor needs of the rest. Neither `onEvent` nor `onChange` may throw. */
export interface HealthModules {
  readonly checkerOf: (kind: ProbeKind) => Checker;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Milliseconds since 1970, for the times in {@link HealthMonitor.health} alone. */
  readonly wallClock: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Absent: the system's. */
  readonly timers?: Timers;
  /** Called for each event, in the order in which things happened. */
  readonly onEvent: (event: HealthEvent) => void;
  /** The effective service may be another one now. Follows the events that led to it; not called by `watch` itself. */
  readonly onChange: (service: ServiceKey) => void;
  /** Called for each attempt of a check, however many services share it; may not throw. */
  readonly onAttempt?: (attempt: CheckAttempt) => void;
}
