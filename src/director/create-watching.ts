import type { Logger } from 'pino';
import { checkerOf } from '../health/checker-registry.ts';
import { HealthMonitor } from '../health/health-monitor.ts';
import { Notifier } from '../health/notify/notifier.ts';
import { runScript } from '../health/script/run-script.ts';
import { monotonicMilliseconds } from '../system/clock.ts';
import type { EventFacts } from './event-ring.ts';
import type { HealthFactory } from './health.ts';

/** What watches servers, and what tells of them. */
export interface Watching {
  readonly health: HealthFactory;
  /** The owner's to close, after the monitor. */
  readonly notifier: Notifier;
}

/** A health monitor with the checkers of this system, whose events scripts and named pipes hear of, too. */
export function createWatching(logger: Logger, tell: (event: EventFacts) => void): Watching {
  const now = monotonicMilliseconds;
  const notifier = new Notifier({
    runScript,
    now,
    onProblem: ({ text, service, destination }) => {
      logger.warn(text);
      tell({
        kind: 'script',
        text,
        ...(service !== undefined && { service }),
        ...(destination !== undefined && { destination }),
      });
    },
  });
  return {
    notifier,
    health: ({ onEvent, onChange }) =>
      new HealthMonitor({
        checkerOf,
        now,
        wallClock: Date.now,
        random: Math.random,
        onEvent: (event) => {
          onEvent(event);
          notifier.tell(event);
        },
        onChange,
      }),
  };
}
