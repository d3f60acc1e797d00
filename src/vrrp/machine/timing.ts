import type { VirtualRouter, VirtualRouterSettings } from './virtual-router.ts';

type Router = Pick<VirtualRouter, 'priority' | 'masterInterval'>;

/**
 * How much later than its peers a backup of this priority loses patience, in milliseconds: RFC 9568 section 6.1, Skew_Time; in version 2
 * a part of one second (RFC 3768 section 6.1).
 */
export function skewTime(
  { priority, masterInterval }: Router,
  { version }: Pick<VirtualRouterSettings, 'version'>,
): number {
  return ((256 - priority) * (version === 3 ? masterInterval : 1000)) / 256;
}

/** How long a backup waits for the master, in milliseconds: Active_Down_Interval. */
export function masterDownInterval(router: Router, settings: Pick<VirtualRouterSettings, 'version'>): number {
  return 3 * router.masterInterval + skewTime(router, settings);
}
