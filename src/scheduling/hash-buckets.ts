import type { SchedulerDestination } from './scheduler.ts';

/** The kernel's IP_VS_SH_TAB_BITS and IP_VS_DH_TAB_BITS as built by default. */
export const BUCKET_BITS = 8;
export const BUCKETS = 1 << BUCKET_BITS;

/** The buckets of dh: dealt to the destinations in turn; empty where there is none (ip_vs_dh.c, ip_vs_dh_reassign). */
export function bucketsInTurn<D extends SchedulerDestination>(destinations: readonly D[]): readonly D[] {
  const buckets: D[] = [];
  if (destinations.length === 0) return buckets;
  while (buckets.length < BUCKETS) buckets.push(...destinations.slice(0, BUCKETS - buckets.length));
  return buckets;
}

/**
 * The buckets of sh: dealt round the list, each destination taking as many in a row as it weighs, at least one; empty where
 * there is none (ip_vs_sh.c, ip_vs_sh_reassign).
 */
export function bucketsByWeight<D extends SchedulerDestination>(destinations: readonly D[]): readonly D[] {
  const buckets: D[] = [];
  if (destinations.length === 0) return buckets;
  while (buckets.length < BUCKETS) {
    for (const destination of destinations) {
      const end = Math.min(BUCKETS, buckets.length + Math.max(1, destination.weight));
      while (buckets.length < end) buckets.push(destination);
    }
  }
  return buckets;
}
