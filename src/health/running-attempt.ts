import type { CheckEndpoint, Probe } from '../model/check.ts';
import type { Destination } from '../model/destination.ts';
import type { ServiceId } from '../model/service.ts';
import type { Checker, Verdict } from './checker.ts';
import type { QueuedTimer, TimerQueue } from './timer-queue.ts';

/** How long an attempt that was called off may take to end before it counts as hung, in milliseconds; a script is killed sooner. */
export const HUNG_AFTER = 5000;

/** An attempt to be, and whom it tells. */
export interface AttemptSettings {
  readonly checker: Checker;
  readonly probe: Probe;
  readonly endpoint: CheckEndpoint;
  readonly service: ServiceId;
  readonly destination: Destination;
  /** Milliseconds. */
  readonly timeout: number;
  readonly now: () => number;
  readonly queue: TimerQueue;
  /** Called at most once, never before the constructor has returned. */
  readonly onEnd: (attempt: RunningAttempt, verdict: Verdict) => void;
  /** Called instead of `onEnd` when the attempt hangs. */
  readonly onHung: (attempt: RunningAttempt) => void;
  /** Called when an attempt that hung ends after all. */
  readonly onLateEnd: (attempt: RunningAttempt) => void;
}

/** One attempt of a check with its time limit. */
export class RunningAttempt {
  readonly startedAt: number;
  /** Fulfilled when the checker has ended it, however late. */
  readonly ended: Promise<void>;
  readonly #settings: AttemptSettings;
  readonly #controller = new AbortController();
  #timer: QueuedTimer | undefined;
  #deadline: number;
  #state: 'running' | 'late' | 'hung' | 'over' = 'running';

  constructor(settings: AttemptSettings) {
    this.#settings = settings;
    this.startedAt = settings.now();
    this.#deadline = this.startedAt + settings.timeout;
    this.#wait(this.#deadline, () => this.#timeIsOver(true));
    this.ended = this.#check().then((verdict) => this.#end(verdict));
  }

  /** Since when it should have ended, on the monotonic clock. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Calls it off, and nobody is told. */
  stop(): void {
    this.#settings.queue.cancel(this.#timer);
    if (this.#state === 'running') this.#abort();
    this.#state = 'over';
  }

  async #check(): Promise<Verdict> {
    const { checker, probe, endpoint, service, destination } = this.#settings;
    const { signal } = this.#controller;
    try {
      return await checker.check({ probe, endpoint, service, destination, signal });
    } catch (error) {
      return { good: false, detail: `the check itself failed: ${String(error)}` };
    }
  }

  #end(verdict: Verdict): void {
    const before = this.#state;
    if (before === 'over') return;
    this.#state = 'over';
    this.#settings.queue.cancel(this.#timer);
    if (before === 'hung') this.#settings.onLateEnd(this);
    else this.#settings.onEnd(this, verdict);
  }

  /**
   * When this comes late, the process did not run: what is measured then is not the other side. The time it lost is given back once,
   * so that answers that wait in the sockets are read.
   */
  #timeIsOver(mayExtend: boolean): void {
    const late = this.#settings.now() - this.#deadline;
    if (mayExtend && late > LATE_ENOUGH) {
      this.#deadline += late + Math.min(late, this.#settings.timeout);
      this.#wait(this.#deadline, () => this.#timeIsOver(false));
      return;
    }
    this.#state = 'late';
    this.#wait(this.#settings.now() + HUNG_AFTER, () => {
      this.#state = 'hung';
      this.#settings.onHung(this);
    });
    this.#abort();
  }

  #abort(): void {
    this.#controller.abort();
  }

  #wait(until: number, callback: () => void): void {
    this.#timer = this.#settings.queue.at(until, callback);
  }
}

/** Milliseconds by which a timer may be late without anything being wrong. */
const LATE_ENOUGH = 50;
