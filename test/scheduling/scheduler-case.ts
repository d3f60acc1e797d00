import type { ScenarioKind } from './scenario.ts';

/** What a scenario is of. */
export type SchedulerCase = Omit<ScenarioKind, 'arrivals'>;

/** Every scheduler but twos, which is left to chance: its shares are compared. */
export const SCHEDULER_CASES: readonly SchedulerCase[] = [
  ...['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'fo', 'ovf', 'sh', 'dh', 'mh', 'lblc', 'lblcr'].map(
    (scheduler) => ({ scheduler }),
  ),
  ...['sh-port', 'sh-fallback', 'sh-fallback,sh-port'].map((flags) => ({ scheduler: 'sh', flags })),
  ...['mh-port', 'mh-fallback', 'mh-fallback,mh-port'].map((flags) => ({ scheduler: 'mh', flags })),
  ...['rr', 'dh', 'sh', 'lblc', 'lblcr'].map((scheduler) => ({ scheduler, marked: true })),
];

/** For the names of tests. */
export function caseName({ scheduler, flags, marked }: SchedulerCase): string {
  return `${scheduler}${flags ? ` with ${flags}` : ''}${marked ? ' of a firewall mark' : ''}`;
}
