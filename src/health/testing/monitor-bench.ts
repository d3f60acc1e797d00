import type { CheckAttempt } from '../../model/health.ts';
import type { Monitoring } from '../../model/monitoring.ts';
import { type Service, serviceKey } from '../../model/service.ts';
import type { Table } from '../../model/table.ts';
import type { HealthEvent } from '../health-event.ts';
import { HealthMonitor } from '../health-monitor.ts';
import { ScriptedChecker } from './scripted-checker.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A monitor on a virtual clock with a scripted checker, and what it told. */
export class MonitorBench {
  readonly clock = new VirtualClock();
  readonly checker = new ScriptedChecker();
  readonly events: HealthEvent[] = [];
  readonly changes: string[] = [];
  readonly attempts: CheckAttempt[] = [];
  readonly monitor: HealthMonitor;
  /** Hears of each event, too. */
  onEvent: (event: HealthEvent) => void = () => undefined;

  constructor(random: () => number = () => 0) {
    this.monitor = new HealthMonitor({
      checkerOf: () => this.checker,
      now: this.clock.now,
      wallClock: () => 1_700_000_000_000 + this.clock.time,
      random,
      timers: this.clock,
      onEvent: (event) => {
        this.events.push(event);
        this.onEvent(event);
      },
      onChange: (service) => this.changes.push(service),
      onAttempt: (attempt) => this.attempts.push(attempt),
    });
  }

  watch(configuration: readonly [Table, Monitoring]): void {
    this.monitor.watch(...configuration);
  }

  /** What was told since the last call, each as its kind, whom it is about and its state. */
  told(): string[] {
    return this.events.splice(0).map((event) => {
      const about = 'destination' in event ? event.destination : event.service;
      return [event.kind, about, ...('state' in event ? [event.state] : [])].join(' ');
    });
  }

  /** The effective destinations of a service, as `ADDRESS:PORT=WEIGHT`. */
  effective(service: Service): string[] {
    return this.monitor
      .effective(service)
      .destinations.map(({ address, port, weight }) => `${address}:${port}=${weight}`);
  }

  /** How many services the monitor says it changed, and forgets it. */
  changed(service: Service): number {
    return this.changes.splice(0).filter((key) => key === serviceKey(service.id)).length;
  }
}
