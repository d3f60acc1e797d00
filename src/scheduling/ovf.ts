/**
 * Weighted overflow (kernel: ip_vs_ovf.c). As fo, among the destinations that do not have more active connections than
 * their weight: one of weight w takes w + 1 before the next heaviest gets any. Where all are full, nobody is chosen.
 */
import { heaviest } from './heaviest.ts';
import { listScheduler } from './list-scheduler.ts';
import type { SchedulerDefinition } from './scheduler.ts';

export const ovf: SchedulerDefinition = listScheduler('ovf', (destinations) =>
  heaviest(destinations, (destination) => destination.activeConnections <= destination.weight),
);
