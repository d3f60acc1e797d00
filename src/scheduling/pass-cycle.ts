import { gcd } from './gcd.ts';
import type { SchedulerDestination } from './scheduler.ts';

/**
 * The passes of wrr over its list: what a destination must weigh to be taken sinks from pass to pass, from `top` by `step` to 1,
 * and starts over (ip_vs_wrr.c, ip_vs_wrr_max_weight and ip_vs_wrr_gcd_weight).
 */
export interface PassCycle {
  /** 0 where no destination has a weight. */
  readonly top: number;
  /** The greatest common divisor of the weights; 1 where there is none. */
  readonly step: number;
}

export function passCycle(destinations: readonly SchedulerDestination[]): PassCycle {
  let divisor = 0;
  let heaviest = 0;
  for (const { weight } of destinations) {
    divisor = gcd(divisor, weight);
    if (weight > heaviest) heaviest = weight;
  }
  const step = divisor || 1;
  return { top: firstPassThatTakes(heaviest, step), step };
}

/** Weights are multiples of the step, passes one above such a multiple. */
export function firstPassThatTakes(weight: number, step: number): number {
  return weight - (step - 1);
}
