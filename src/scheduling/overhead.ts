import type { SchedulerDestination } from './scheduler.ts';

/** What a destination's connections cost it: an active one counts as 256 inactive ones (ip_vs_dest_conn_overhead). */
export function connectionOverhead(destination: SchedulerDestination): number {
  return destination.activeConnections * 256 + destination.inactiveConnections;
}

/** The active connections with the new one: the expected delay is this, divided by the weight (ip_vs_sed.c, ip_vs_nq.c). */
export function expectedOverhead(destination: SchedulerDestination): number {
  return destination.activeConnections + 1;
}
