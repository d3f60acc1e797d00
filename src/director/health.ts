import type { HealthEvent } from '../health/health-event.ts';
import type { HealthMonitor } from '../health/health-monitor.ts';
import type { CheckAttempt } from '../model/health.ts';
import type { ServiceKey } from '../model/service.ts';

/** What the director needs of a health monitor. */
export type Health = Pick<HealthMonitor, 'watch' | 'effective' | 'health' | 'close'>;

/** What the director hears of a health monitor. */
export interface HealthListener {
  readonly onEvent: (event: HealthEvent) => void;
  readonly onChange: (service: ServiceKey) => void;
  readonly onAttempt?: (attempt: CheckAttempt) => void;
}

/** Makes the director's health monitor. */
export type HealthFactory = (listener: HealthListener) => Health;

/** Nobody is watched: every service is to be what is wanted. */
export const NO_HEALTH: Health = {
  watch: () => undefined,
  effective: (service) => service,
  health: () => [],
  close: () => Promise.resolve(),
};
