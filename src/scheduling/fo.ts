/**
 * Weighted failover (kernel: ip_vs_fo.c). Everything goes to the eligible destination with the greatest weight; the
 * first of the list where several have it.
 */
import { heaviest } from './heaviest.ts';
import { listScheduler } from './list-scheduler.ts';
import type { SchedulerDefinition } from './scheduler.ts';

export const fo: SchedulerDefinition = listScheduler('fo', (destinations) =>
  heaviest(destinations, () => true),
);
