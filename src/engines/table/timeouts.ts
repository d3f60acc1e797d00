import type { Timeouts } from '../../model/table.ts';
import { timeoutOutOfRange } from './refusal.ts';

/** INT_MAX / HZ at 250 Hz (ip_vs_ctl.c, ip_vs_set_timeout). */
const MOST_SECONDS = 8_589_934;

/** The timeouts after a `--set`, in which 0 keeps the current one. Throws INVALID_OPERATION for what no timer can hold. */
export function mergeTimeouts(current: Timeouts, change: Timeouts): Timeouts {
  for (const name of ['tcp', 'tcpfin', 'udp'] as const) {
    const seconds = change[name];
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > MOST_SECONDS) {
      throw timeoutOutOfRange(name, seconds, MOST_SECONDS);
    }
  }
  return {
    tcp: change.tcp || current.tcp,
    tcpfin: change.tcpfin || current.tcpfin,
    udp: change.udp || current.udp,
  };
}
