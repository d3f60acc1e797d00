/**
 * Shortest expected delay (kernel: ip_vs_sed.c). As wlc, with the active connections and the new one as overhead:
 * inactive connections do not count, so that UDP always goes to the greatest weight.
 */
import { leastLoaded } from './least-loaded.ts';
import { listScheduler } from './list-scheduler.ts';
import { expectedOverhead } from './overhead.ts';
import type { SchedulerDefinition } from './scheduler.ts';

export const sed: SchedulerDefinition = listScheduler('sed', (destinations) =>
  leastLoaded(destinations, expectedOverhead),
);
