/**
 * Weighted least connections (kernel: ip_vs_wlc.c), IPVS's default. The eligible destination with the smallest ratio of
 * overhead to weight, active connections counting 256 times; the first of the list where several have it.
 */
import { leastLoaded } from './least-loaded.ts';
import { listScheduler } from './list-scheduler.ts';
import { connectionOverhead } from './overhead.ts';
import type { SchedulerDefinition } from './scheduler.ts';

export const wlc: SchedulerDefinition = listScheduler('wlc', (destinations) =>
  leastLoaded(destinations, connectionOverhead),
);
