/**
 * Least connections (kernel: ip_vs_lc.c). The eligible destination with the smallest overhead, active connections
 * counting 256 times; the first of the list where several have it. Weights do not count, but for 0.
 */
import { isEligible } from './eligible.ts';
import { listScheduler } from './list-scheduler.ts';
import { connectionOverhead } from './overhead.ts';
import type { SchedulerDefinition, SchedulerDestination } from './scheduler.ts';

export const lc: SchedulerDefinition = listScheduler('lc', leastConnections);

function leastConnections<D extends SchedulerDestination>(destinations: readonly D[]): D | undefined {
  let least: D | undefined;
  let leastOverhead = Infinity;
  for (const destination of destinations) {
    if (!isEligible(destination)) continue;
    const overhead = connectionOverhead(destination);
    if (overhead < leastOverhead) {
      least = destination;
      leastOverhead = overhead;
    }
  }
  return least;
}
