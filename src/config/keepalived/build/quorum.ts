import type { ServiceMonitoring } from '../../../model/monitoring.ts';
import type { ProblemLog } from '../problem-log.ts';
import type { Settings } from '../settings.ts';
import { INT_MAX, number, UINT_MAX } from '../value.ts';

/** The quorum, made one that can be reached, as keepalived does (check_data.c, validate_check_config). */
export function quorumOf(
  settings: Settings,
  totalWeight: number,
  log: ProblemLog,
): Pick<ServiceMonitoring, 'quorum' | 'hysteresis'> {
  const quorum = settings.last('quorum');
  const hysteresis = settings.last('hysteresis');
  const wanted = number(quorum, 1, UINT_MAX, log) ?? 1;
  const margin = number(hysteresis, 0, UINT_MAX, log) ?? 0;
  const reachable = Math.min(INT_MAX, Math.max(1, totalWeight));
  if (quorum !== undefined && wanted > reachable) {
    log.warn(
      quorum.keyword.place,
      `a quorum of ${wanted} is above all weights together: it becomes ${reachable}`,
    );
  }
  const taken = Math.min(wanted, reachable);
  if (hysteresis !== undefined && margin >= taken) {
    log.warn(
      hysteresis.keyword.place,
      `a hysteresis of ${margin} is not below the quorum, ${taken}: it becomes ${taken - 1}`,
    );
  }
  return { quorum: taken, hysteresis: Math.min(margin, taken - 1) };
}
