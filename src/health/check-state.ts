import type { CheckTiming } from '../model/check.ts';
import type { HealthState } from '../model/health.ts';

/** What the rounds of a check add up to. */
export interface CheckState {
  readonly state: HealthState;
  /** Whether a round has led to `state`; before the first one it is an assumption. */
  readonly confirmed: boolean;
  /** Rounds in a row, the last one included, that spoke against `state`. */
  readonly against: number;
}

/** The state before the first round. */
export function assumedCheckState(state: HealthState): CheckState {
  return { state, confirmed: false, against: 0 };
}

/** The state after one more round. A check that is down only by assumption believes its first success. */
export function checkStateAfter(before: CheckState, good: boolean, timing: CheckTiming): CheckState {
  const found: HealthState = good ? 'up' : 'down';
  if (found === before.state) return { state: found, confirmed: true, against: 0 };
  const against = before.against + 1;
  const enough = good ? (before.confirmed ? timing.rise : 1) : timing.fall;
  return against >= enough ? { state: found, confirmed: true, against: 0 } : { ...before, against };
}
