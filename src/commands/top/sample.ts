import type { DirectorStatus } from '../../api/client.ts';
import type { ServiceHealth } from '../../model/health.ts';
import type { VrrpStatus } from '../../model/vrrp-status.ts';

/** The director at one moment. */
export interface Sample extends Pick<DirectorStatus, 'engine' | 'table' | 'faults'> {
  /** Milliseconds on a monotonic clock. */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly health?: readonly ServiceHealth[];
  readonly vrrp?: VrrpStatus;
}
