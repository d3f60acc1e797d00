import type { Check } from '../model/check.ts';
import { type Destination, type DestinationKey, destinationKey } from '../model/destination.ts';
import type { HealthState } from '../model/health.ts';
import type { DestinationMonitoring } from '../model/monitoring.ts';
import type { ServiceId } from '../model/service.ts';
import type { CheckPool } from './check-pool.ts';
import type { CheckReport, CheckSubscriber } from './check-report.ts';
import type { CheckRunner } from './check-runner.ts';
import { checkedWeight, type DestinationCondition } from './destination-weight.ts';
import { nextSlowStartStep } from './slow-start.ts';
import type { QueuedTimer, TimerQueue } from './timer-queue.ts';

/** What a destination needs of its service and of the monitor. */
export interface DestinationModules {
  readonly pool: CheckPool;
  readonly queue: TimerQueue;
  readonly now: () => number;
  readonly wallClock: () => number;
  /** It went up or down because of what a check found. */
  readonly onState: (destination: WatchedDestination, found: string) => void;
  /** It has another weight. */
  readonly onWeight: () => void;
  readonly onCheckEvent: (
    kind: 'check-failed' | 'hung-check',
    destination: WatchedDestination,
    text: string,
  ) => void;
}

/** A destination with its checks: all of them have to be up. */
export class WatchedDestination implements CheckSubscriber {
  readonly key: DestinationKey;
  readonly #modules: DestinationModules;
  #destination: Destination;
  #monitoring: DestinationMonitoring | undefined;
  #runners: readonly CheckRunner[] = [];
  #state: HealthState = 'up';
  #since: number;
  /** Whether a check has found it down since it was last up. */
  #failed = false;
  #recoveredAt: number | undefined;
  #step: QueuedTimer | undefined;

  constructor(
    service: ServiceId,
    destination: Destination,
    monitoring: DestinationMonitoring | undefined,
    modules: DestinationModules,
  ) {
    this.key = destinationKey(destination);
    this.#modules = modules;
    this.#destination = destination;
    this.#monitoring = monitoring;
    this.#since = modules.wallClock();
    this.#join(service, monitoring?.checks ?? [], ({ timing }) => (timing.alpha ? 'down' : 'up'));
    this.#state = this.#found();
  }

  get destination(): Destination {
    return this.#destination;
  }

  get monitoring(): DestinationMonitoring | undefined {
    return this.#monitoring;
  }

  get state(): HealthState {
    return this.#state;
  }

  /** Since when it is so, in milliseconds since 1970. */
  get since(): number {
    return this.#since;
  }

  get runners(): readonly CheckRunner[] {
    return this.#runners;
  }

  get condition(): DestinationCondition {
    const verdicts = this.#runners.flatMap(({ weight }) => weight ?? []);
    const slowStart = this.#slowStart();
    return { state: this.#state, verdicts, ...(slowStart !== undefined && { slowStart }) };
  }

  /** The weight that counts for the quorum. */
  get aliveWeight(): number {
    return this.#state === 'up' ? this.#ownWeight() : 0;
  }

  /** Goes on with another configuration: checks that are new assume what it is now. */
  update(service: ServiceId, destination: Destination, monitoring: DestinationMonitoring | undefined): void {
    this.#destination = destination;
    this.#monitoring = monitoring;
    const before = this.#runners;
    this.#join(service, monitoring?.checks ?? [], () => this.#state);
    for (const runner of before) if (!this.#runners.includes(runner)) this.#modules.pool.leave(this, runner);
    const state = this.#found();
    if (state !== this.#state) this.#turn(state, 'its checks are others now');
    this.#scheduleStep();
  }

  /** Lets go of its checks. */
  leave(): void {
    for (const runner of this.#runners) this.#modules.pool.leave(this, runner);
    this.#modules.queue.cancel(this.#step);
  }

  onReport(report: CheckReport, runner: CheckRunner): void {
    switch (report.kind) {
      case 'failed':
        if (report.first || runner.timing.logAllFailures) this.#checkFailed(runner, report.detail);
        return;
      case 'hung':
        this.#modules.onCheckEvent(
          'hung-check',
          this,
          `${runner.target}: hangs: it did not end when its time was over`,
        );
        return;
      case 'weight':
        this.#scheduleStep();
        this.#modules.onWeight();
        return;
      case 'up':
        this.#failed ||= report.found;
        if (this.#found() === 'up') this.#turn('up', `${runner.target}: ${report.detail}`);
        return;
      case 'down':
        if (this.#state === 'down') this.#checkFailed(runner, report.detail);
        else this.#turn('down', `${runner.target}: ${report.detail}`);
        this.#failed = true;
        return;
      default:
        throw new Error(`unknown report ${JSON.stringify(report satisfies never)}`);
    }
  }

  #join(service: ServiceId, checks: readonly Check[], assumed: (check: Check) => HealthState): void {
    const subject = { service, destination: this.#destination };
    this.#runners = checks.map((check) => this.#modules.pool.join(this, check, subject, assumed(check)));
  }

  #found(): HealthState {
    return this.#runners.every(({ state }) => state.state === 'up') ? 'up' : 'down';
  }

  #turn(state: HealthState, found: string): void {
    this.#state = state;
    this.#since = this.#modules.wallClock();
    this.#recoveredAt = state === 'up' && this.#failed ? this.#modules.now() : undefined;
    if (state === 'up') this.#failed = false;
    this.#scheduleStep();
    this.#modules.onState(this, found);
  }

  #checkFailed(runner: CheckRunner, detail: string): void {
    this.#modules.onCheckEvent('check-failed', this, `${runner.target}: ${detail}`);
  }

  #ownWeight(): number {
    return checkedWeight(this.#destination.weight, this.condition.verdicts);
  }

  #slowStart(): DestinationCondition['slowStart'] {
    if (this.#recoveredAt === undefined) return undefined;
    const duration = this.#monitoring?.slowStart ?? 0;
    const elapsed = this.#modules.now() - this.#recoveredAt;
    return elapsed < duration ? { elapsed, duration } : undefined;
  }

  #scheduleStep(): void {
    this.#modules.queue.cancel(this.#step);
    this.#step = undefined;
    const rising = this.#slowStart();
    if (rising === undefined || this.#recoveredAt === undefined) return;
    const { verdicts } = this.condition;
    const weight = checkedWeight(this.#destination.weight, verdicts);
    const next = nextSlowStartStep(weight, rising.elapsed, rising.duration);
    if (next === undefined) return;
    this.#step = this.#modules.queue.at(this.#recoveredAt + next, () => {
      this.#scheduleStep();
      this.#modules.onWeight();
    });
  }
}
