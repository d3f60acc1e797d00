import type { SchedulerDestination } from './scheduler.ts';

/**
 * Whether lblc and lblcr should leave a destination that they remember: it has more active connections than its weight
 * while another of the service has fewer than half of its own (ip_vs_lblc.c and ip_vs_lblcr.c, is_overloaded).
 */
export function isBusy(
  destination: SchedulerDestination,
  destinations: readonly SchedulerDestination[],
): boolean {
  return destination.activeConnections > destination.weight && destinations.some(isHalfIdle);
}

function isHalfIdle(destination: SchedulerDestination): boolean {
  return destination.activeConnections * 2 < destination.weight;
}
