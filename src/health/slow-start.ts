import type { Weight } from '../model/unit.ts';

/** From one step of a rising weight to the next, in milliseconds. */
const STEP = 1000;

/** What a weight has risen to: from 1 in a line to itself, in whole steps; a weight of 0 stays. Times are in milliseconds. */
export function slowStartWeight(weight: Weight, elapsed: number, duration: number): Weight {
  if (weight <= 1 || elapsed >= duration) return weight;
  const stepped = Math.floor(Math.max(0, elapsed) / STEP) * STEP;
  return (1 + Math.floor(((weight - 1) * stepped) / duration)) as Weight;
}

/** After how many milliseconds from the recovery on the weight changes next; undefined where it has risen. */
export function nextSlowStartStep(weight: Weight, elapsed: number, duration: number): number | undefined {
  if (weight <= 1 || elapsed >= duration) return undefined;
  const now = slowStartWeight(weight, elapsed, duration);
  const risesAt = (now * duration) / (weight - 1);
  const step = Math.max(Math.floor(elapsed / STEP) + 1, Math.ceil(risesAt / STEP)) * STEP;
  return Math.min(step, duration);
}
