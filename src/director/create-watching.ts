import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { checkersWith } from '../health/checker-registry.ts';
import { HealthMonitor } from '../health/health-monitor.ts';
import { Notifier } from '../health/notify/notifier.ts';
import type { runScript } from '../health/script/run-script.ts';
import { ScriptGuard } from '../health/script/script-guard.ts';
import { monotonicMilliseconds } from '../system/clock.ts';
import type { EventFacts } from './event-ring.ts';
import type { HealthFactory } from './health.ts';
import { scriptsOf } from './scripts-of.ts';

/** What watches servers, and what tells of them. */
export interface Watching {
  readonly health: HealthFactory;
  /** The owner's to close, after the monitor. */
  readonly notifier: Notifier;
  /** Runs programs that the configuration names, as it allows. */
  readonly runScript: typeof runScript;
  /** Puts into effect what a configuration says of scripts and of named pipes. */
  adopt(config: Pick<Config, 'monitoring' | 'notify' | 'scriptSecurity' | 'vrrp'>): void;
}

/** A health monitor with the checkers of this system, whose events scripts and named pipes hear of, too. */
export function createWatching(logger: Logger, tell: (event: EventFacts) => void): Watching {
  const now = monotonicMilliseconds;
  const scripts = new ScriptGuard();
  const notifier = new Notifier({
    runScript: scripts.run,
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
    runScript: scripts.run,
    adopt: (config) => {
      void scripts.watch(config.scriptSecurity, scriptsOf(config)).then((risks) => {
        for (const risk of risks) logger.warn(risk);
      });
      notifier.watch(config.notify, config.vrrp?.fifos);
    },
    health: ({ onEvent, ...listener }) =>
      new HealthMonitor({
        checkerOf: checkersWith(scripts.run),
        now,
        wallClock: Date.now,
        random: Math.random,
        onEvent: (event) => {
          onEvent(event);
          notifier.tell(event);
        },
        ...listener,
      }),
  };
}
