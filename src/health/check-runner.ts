import type { Check, CheckTiming } from '../model/check.ts';
import type { Destination } from '../model/destination.ts';
import type { CheckStatus } from '../model/health.ts';
import type { ServiceId } from '../model/service.ts';
import type { CheckReport, CheckSubscriber } from './check-report.ts';
import { type CheckState, checkStateAfter } from './check-state.ts';
import type { Checker, Verdict, WeightVerdict } from './checker.ts';
import type { HealthModules } from './health-modules.ts';
import { RunningAttempt } from './running-attempt.ts';
import { sameData } from './same-data.ts';
import type { QueuedTimer, TimerQueue } from './timer-queue.ts';

/** Attempts that hang and are not ended yet; with so many, rounds fail without an attempt until one of them ends. */
const MOST_HUNG = 2;

/** What a check is about. Services that share it have the same one in all that the check depends on. */
export interface CheckSubject {
  readonly service: ServiceId;
  readonly destination: Destination;
}

/** Carries out one check, round after round, for all who asked for it. */
export class CheckRunner {
  readonly timing: CheckTiming;
  readonly subscribers = new Set<CheckSubscriber>();
  readonly target: string;
  readonly #check: Check;
  readonly #checker: Checker;
  readonly #modules: HealthModules;
  readonly #queue: TimerQueue;
  readonly #hung = new Set<RunningAttempt>();
  #subject: CheckSubject;
  #state: CheckState;
  #weight: WeightVerdict | undefined;
  #since: number;
  #timer: QueuedTimer | undefined;
  #attempt: RunningAttempt | undefined;
  #nextRound: number;
  #retries = 0;
  #attempts = 0;
  #failures = 0;
  #last: { readonly at: number; readonly detail: string; readonly latency: number } | undefined;
  #stopped = false;

  constructor(
    check: Check,
    subject: CheckSubject,
    state: CheckState,
    modules: HealthModules,
    queue: TimerQueue,
  ) {
    this.#check = check;
    this.timing = check.timing;
    this.#subject = subject;
    this.#state = state;
    this.#modules = modules;
    this.#queue = queue;
    this.#checker = modules.checkerOf(check.probe.kind);
    this.target = this.#checker.describe({ probe: check.probe, endpoint: check.endpoint, ...subject });
    this.#since = modules.wallClock();
    this.#nextRound = modules.now() + modules.random() * check.timing.warmup;
    this.#timer = queue.at(this.#nextRound, () => this.#startRound());
  }

  get state(): CheckState {
    return this.#state;
  }

  /** What it wants of the weight; undefined where it does not care. */
  get weight(): WeightVerdict | undefined {
    return this.#weight;
  }

  /** Takes over what a check with another timing found, which ends. */
  takeOver(before: CheckRunner): void {
    this.#state = before.#state;
    this.#weight = before.#weight;
    this.#since = before.#since;
  }

  /** Attempts from now on are about this one. */
  set subject(subject: CheckSubject) {
    this.#subject = subject;
  }

  status(): CheckStatus {
    const [hung] = this.#hung;
    return {
      kind: this.#check.probe.kind,
      target: this.target,
      state: this.#state.state,
      since: new Date(this.#since).toISOString(),
      ...(this.#last !== undefined && {
        checkedAt: new Date(this.#last.at).toISOString(),
        detail: this.#last.detail,
        latency: this.#last.latency,
      }),
      attempts: this.#attempts,
      failures: this.#failures,
      ...(hung !== undefined && { hung: Math.round(this.#modules.now() - hung.deadline) }),
    };
  }

  /** Ends it; fulfilled when the last attempt has let go of everything. One that hangs is not waited for. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#queue.cancel(this.#timer);
    for (const attempt of this.#hung) attempt.stop();
    this.#attempt?.stop();
    return this.#attempt?.ended ?? Promise.resolve();
  }

  #startRound(): void {
    // Rounds keep to the plan that the warm-up gave them, also after a time in which the process did not run: else all checks would
    // run at the same moment from then on.
    const { interval } = this.timing;
    const missed = Math.floor((this.#modules.now() - this.#nextRound) / interval);
    this.#nextRound += (missed + 1) * interval;
    // As keepalived does: who is down has one attempt a round (check_tcp.c, tcp_epilog).
    this.#retries = this.#state.state === 'up' ? this.timing.retry : 0;
    this.#start();
  }

  #start(): void {
    if (this.#hung.size >= MOST_HUNG) {
      this.#retries = 0;
      this.#found({ good: false, detail: `${MOST_HUNG} earlier attempts hang` }, 0);
      return;
    }
    this.#attempt = new RunningAttempt({
      checker: this.#checker,
      probe: this.#check.probe,
      endpoint: this.#check.endpoint,
      ...this.#subject,
      timeout: this.timing.timeout,
      now: this.#modules.now,
      queue: this.#queue,
      onEnd: (attempt, verdict) => this.#found(verdict, this.#latencyOf(attempt)),
      onHung: (attempt) => {
        this.#hung.add(attempt);
        this.#report({ kind: 'hung' });
        this.#found(
          { good: false, detail: 'the attempt hangs: it did not end when its time was over' },
          this.#latencyOf(attempt),
        );
      },
      onLateEnd: (attempt) => this.#hung.delete(attempt),
    });
  }

  /** In milliseconds; whoever wants to hear of attempts hears of this one. */
  #latencyOf({ startedAt }: RunningAttempt): number {
    const latency = this.#modules.now() - startedAt;
    this.#modules.onAttempt?.({ kind: this.#check.probe.kind, latency });
    return latency;
  }

  #found(verdict: Verdict, latency: number): void {
    // Who hears of a hung attempt may end the check.
    if (this.#stopped) return;
    this.#attempt = undefined;
    this.#attempts++;
    if (!verdict.good) this.#failures++;
    this.#last = {
      at: this.#modules.wallClock(),
      detail: verdict.detail,
      latency: Math.round(latency * 1000) / 1000,
    };
    const retry = !verdict.good && this.#retries > 0;
    if (retry) this.#retries--;
    const now = this.#modules.now();
    this.#timer = retry
      ? this.#queue.at(now + this.timing.retryDelay, () => this.#start())
      : this.#queue.at(Math.max(now, this.#nextRound), () => this.#startRound());
    if (retry) this.#report({ kind: 'failed', detail: verdict.detail, first: false });
    else this.#endRound(verdict);
  }

  #endRound(verdict: Verdict): void {
    const { detail } = verdict;
    const before = this.#state;
    this.#state = checkStateAfter(before, verdict.good, this.timing);
    const weightChanged = verdict.good && !sameData(verdict.weight, this.#weight);
    if (verdict.good) this.#weight = verdict.weight;
    const { state } = this.#state;
    if (state !== before.state) {
      this.#since = this.#modules.wallClock();
      this.#report(
        state === 'up' ? { kind: 'up', detail, found: before.confirmed } : { kind: 'down', detail },
      );
    } else if (!verdict.good) {
      this.#report({ kind: 'failed', detail, first: !before.confirmed && state === 'down' });
    } else if (weightChanged && state === 'up') this.#report({ kind: 'weight' });
  }

  #report(report: CheckReport): void {
    // Who hears of it may change who is told.
    for (const subscriber of [...this.subscribers]) {
      if (this.subscribers.has(subscriber)) subscriber.onReport(report, this);
    }
  }
}
