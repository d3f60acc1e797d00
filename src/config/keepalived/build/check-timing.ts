import type { CheckTiming } from '../../../model/check.ts';
import type { Milliseconds } from '../../../model/unit.ts';
import type { ProblemLog } from '../problem-log.ts';
import type { Settings } from '../settings.ts';
import { flag, number, timer } from '../value.ts';

/** Attempts that a check may take before it fails; keepalived has no limit that matters. */
const MOST_RETRIES = 1000;

/** What a real server has from its virtual server, and a checker from its real server; absent where none of them says it. */
export interface InheritedTiming {
  readonly delayLoop: Milliseconds;
  readonly connectTimeout: Milliseconds;
  readonly alpha: boolean;
  readonly retry?: number;
  readonly delayBeforeRetry?: Milliseconds;
  readonly warmup?: Milliseconds;
}

/** What differs from checker to checker. */
export interface CheckerDefaults {
  readonly retry: number;
  /** `interval`: the checker's delay_loop. */
  readonly delayBeforeRetry: Milliseconds | 'interval';
  /** Present for checkers without connect_timeout. */
  readonly timeout?: Milliseconds;
}

/** What most checkers have: keepalived's check_api.c, queue_checker. */
export const COMMON_DEFAULTS: CheckerDefaults = { retry: 1, delayBeforeRetry: 1000 as Milliseconds };

/** What virtual servers have that do not say it: keepalived's check_data.c, alloc_vs. */
export const DEFAULT_TIMING: InheritedTiming = {
  delayLoop: 60_000 as Milliseconds,
  connectTimeout: 5000 as Milliseconds,
  alpha: false,
};

/** The timing of a virtual or real server, over what it inherits. */
export function inheritedTiming(
  settings: Settings,
  before: InheritedTiming,
  log: ProblemLog,
): InheritedTiming {
  const retry = number(settings.last('retry'), 1, MOST_RETRIES, log) ?? before.retry;
  const delayBeforeRetry = timer(settings.last('delay_before_retry'), 0, log) ?? before.delayBeforeRetry;
  const warmup = timer(settings.last('warmup'), 0, log) ?? before.warmup;
  return {
    delayLoop: timer(settings.last('delay_loop'), 1, log) ?? before.delayLoop,
    connectTimeout: timer(settings.last('connect_timeout'), 1, log) ?? before.connectTimeout,
    alpha: flag(settings.last('alpha'), log) ?? before.alpha,
    ...(retry !== undefined && { retry }),
    ...(delayBeforeRetry !== undefined && { delayBeforeRetry }),
    ...(warmup !== undefined && { warmup }),
  };
}

/** The timing of a checker (keepalived's check_data.c, validate_check_config). */
export function checkTiming(
  settings: Settings,
  inherited: InheritedTiming,
  defaults: CheckerDefaults,
  { log, logAllFailures }: { readonly log: ProblemLog; readonly logAllFailures: boolean },
): CheckTiming {
  const interval = timer(settings.last('delay_loop'), 1, log) ?? inherited.delayLoop;
  const fallback = defaults.delayBeforeRetry === 'interval' ? interval : defaults.delayBeforeRetry;
  return {
    interval,
    timeout: defaults.timeout ?? timer(settings.last('connect_timeout'), 1, log) ?? inherited.connectTimeout,
    retry:
      number(settings.last('retry', 'nb_get_retry'), 0, MOST_RETRIES, log) ??
      inherited.retry ??
      defaults.retry,
    retryDelay: timer(settings.last('delay_before_retry'), 0, log) ?? inherited.delayBeforeRetry ?? fallback,
    warmup: timer(settings.last('warmup'), 0, log) ?? inherited.warmup ?? interval,
    rise: 1,
    fall: 1,
    alpha: flag(settings.last('alpha'), log) ?? inherited.alpha,
    logAllFailures: flag(settings.last('log_all_failures'), log) ?? logAllFailures,
  };
}
