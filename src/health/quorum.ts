import type { HealthState } from '../model/health.ts';
import type { ServiceMonitoring } from '../model/monitoring.ts';

type QuorumSettings = Pick<ServiceMonitoring, 'quorum' | 'hysteresis' | 'alpha'>;

/**
 * Whether a service has its quorum when so much weight is alive. It is gained at `quorum + hysteresis` and lost below
 * `quorum - hysteresis` (keepalived, ipwrapper.c, update_quorum_state).
 */
export function quorumAfter(
  before: HealthState,
  alive: number,
  { quorum, hysteresis }: QuorumSettings,
): HealthState {
  const needed = before === 'up' ? Math.max(1, quorum - hysteresis) : quorum + hysteresis;
  return alive >= needed ? 'up' : 'down';
}

/** What counts before the first change: with `alpha` the quorum has to be gained first (keepalived, set_quorum_states). */
export function assumedQuorum(alive: number, settings: QuorumSettings): HealthState {
  return settings.alpha ? 'down' : quorumAfter('down', alive, settings);
}
