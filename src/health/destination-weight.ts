import type { HealthState } from '../model/health.ts';
import type { Weight } from '../model/unit.ts';
import type { WeightVerdict } from './checker.ts';
import { slowStartWeight } from './slow-start.ts';

/** What is known of a destination when its weight is asked for. */
export interface DestinationCondition {
  readonly state: HealthState;
  /** What its checks want of its weight; empty where they do not care. */
  readonly verdicts: readonly WeightVerdict[];
  /** Present while its weight rises after a recovery; both in milliseconds. */
  readonly slowStart?: { readonly elapsed: number; readonly duration: number };
}

/** The most that checks make of a weight, unless it is configured higher (keepalived, check_data.h, IPVS_WEIGHT_LIMIT). */
const CHECKED_WEIGHT_LIMIT = 65535;

/** The condition of what is not watched. */
export const ALWAYS_UP: DestinationCondition = { state: 'up', verdicts: [] };

/**
 * The configured weight with what checks shift it by, from 0 up. A check that sets the weight shifts it by the difference to the
 * configured one, so that several checks add up (keepalived, check_misc.c and check_file.c, cur_weight).
 */
export function checkedWeight(configured: Weight, verdicts: readonly WeightVerdict[]): Weight {
  if (verdicts.length === 0) return configured;
  let weight: number = configured;
  for (const verdict of verdicts) weight += 'set' in verdict ? verdict.set - configured : verdict.add;
  const most = Math.max(CHECKED_WEIGHT_LIMIT, configured);
  return Math.trunc(Math.min(most, Math.max(0, weight))) as Weight;
}

/** The weight of a destination that is up. */
export function servingWeight(configured: Weight, { verdicts, slowStart }: DestinationCondition): Weight {
  const weight = checkedWeight(configured, verdicts);
  return slowStart === undefined ? weight : slowStartWeight(weight, slowStart.elapsed, slowStart.duration);
}
