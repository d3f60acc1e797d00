/**
 * Never queue (kernel: ip_vs_nq.c). The first eligible destination without active connections, and where there is none
 * the one that sed would choose.
 */
import { isEligible } from './eligible.ts';
import { leastLoaded } from './least-loaded.ts';
import { listScheduler } from './list-scheduler.ts';
import { expectedOverhead } from './overhead.ts';
import type { SchedulerDefinition, SchedulerDestination } from './scheduler.ts';

export const nq: SchedulerDefinition = listScheduler(
  'nq',
  (destinations) => firstIdle(destinations) ?? leastLoaded(destinations, expectedOverhead),
);

function firstIdle<D extends SchedulerDestination>(destinations: readonly D[]): D | undefined {
  for (const destination of destinations) {
    if (destination.activeConnections === 0 && isEligible(destination)) return destination;
  }
  return undefined;
}
