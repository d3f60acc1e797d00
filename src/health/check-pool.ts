import type { Check } from '../model/check.ts';
import type { HealthState } from '../model/health.ts';
import { probeKey, timingKey } from './check-key.ts';
import type { CheckSubscriber } from './check-report.ts';
import { CheckRunner, type CheckSubject } from './check-runner.ts';
import { assumedCheckState } from './check-state.ts';
import type { HealthModules } from './health-modules.ts';
import type { TimerQueue } from './timer-queue.ts';

/** The checks that run, each once however many destinations ask for it. */
export class CheckPool {
  readonly #modules: HealthModules;
  readonly #queue: TimerQueue;
  readonly #byCheck = new Map<string, CheckRunner>();
  /** One of those that do the same, whatever its timing. */
  readonly #byProbe = new Map<string, CheckRunner>();
  readonly #keys = new Map<CheckRunner, { readonly check: string; readonly probe: string }>();
  #left = new Set<CheckRunner>();

  constructor(modules: HealthModules, queue: TimerQueue) {
    this.#modules = modules;
    this.#queue = queue;
  }

  /**
   * The runner of a check, with one more who is told. Where it is new it goes on from what a check with another timing has found;
   * where there is none, it assumes `assumed`.
   */
  join(subscriber: CheckSubscriber, check: Check, subject: CheckSubject, assumed: HealthState): CheckRunner {
    const probe = probeKey(check, subject.service, subject.destination);
    const key = `${probe} ${timingKey(check.timing)}`;
    const runner = this.#byCheck.get(key) ?? this.#start(key, probe, check, subject, assumed);
    runner.subject = subject;
    runner.subscribers.add(subscriber);
    this.#left.delete(runner);
    return runner;
  }

  /** The opposite of `join`; a runner without anybody goes on until `sweep`. */
  leave(subscriber: CheckSubscriber, runner: CheckRunner): void {
    runner.subscribers.delete(subscriber);
    if (runner.subscribers.size === 0) this.#left.add(runner);
  }

  /** Ends the checks that nobody asks for any more; fulfilled when they have let go of everything. */
  async sweep(): Promise<void> {
    const left = this.#left;
    if (left.size === 0) return;
    this.#left = new Set();
    for (const runner of left) this.#forget(runner);
    await Promise.all([...left].map((runner) => runner.stop()));
  }

  #start(key: string, probe: string, check: Check, subject: CheckSubject, assumed: HealthState): CheckRunner {
    const runner = new CheckRunner(check, subject, assumedCheckState(assumed), this.#modules, this.#queue);
    const before = this.#byProbe.get(probe);
    if (before?.state.confirmed) runner.takeOver(before);
    this.#byCheck.set(key, runner);
    this.#byProbe.set(probe, runner);
    this.#keys.set(runner, { check: key, probe });
    return runner;
  }

  #forget(runner: CheckRunner): void {
    const keys = this.#keys.get(runner);
    if (keys === undefined) return;
    this.#keys.delete(runner);
    this.#byCheck.delete(keys.check);
    if (this.#byProbe.get(keys.probe) === runner) this.#byProbe.delete(keys.probe);
  }
}
