import type { DestinationKey } from '../model/destination.ts';
import type { ServiceHealth } from '../model/health.ts';
import type { Monitoring } from '../model/monitoring.ts';
import { type Service, type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import { CheckPool } from './check-pool.ts';
import type { HealthModules } from './health-modules.ts';
import { HUNG_AFTER } from './running-attempt.ts';
import { sameData } from './same-data.ts';
import { serviceHealth } from './service-health.ts';
import { TimerQueue } from './timer-queue.ts';
import { SYSTEM_TIMERS } from './timers.ts';
import { type ServiceModules, WatchedService } from './watched-service.ts';

/** What a destination has in the engine; undefined where it is not there. */
export type EngineWeightOf = (service: ServiceKey, destination: DestinationKey) => number | undefined;

/** Runs the checks of a configuration, and says what its services are to be in the engine because of them. */
export class HealthMonitor {
  readonly #modules: ServiceModules;
  readonly #queue: TimerQueue;
  readonly #pool: CheckPool;
  #services: ReadonlyMap<ServiceKey, WatchedService> = new Map();
  #sweeping: Promise<unknown> = Promise.resolve();
  #closed = false;
  #closing: Promise<void> | undefined;

  constructor(modules: HealthModules) {
    this.#queue = new TimerQueue(modules.now, modules.timers ?? SYSTEM_TIMERS);
    this.#pool = new CheckPool(modules, this.#queue);
    const { now, wallClock, onEvent, onChange } = modules;
    this.#modules = { pool: this.#pool, queue: this.#queue, now, wallClock, onEvent, onChange };
  }

  /**
   * Watches what is given here from now on; checks and states of what stays are kept, the rest ends. Tells of what the new
   * configuration itself changes, but does not call `onChange`: ask for the effective services after it. After `close` it does nothing.
   */
  watch(table: Table, monitoring: Monitoring): void {
    if (this.#closed) return;
    const before = this.#services;
    const next = new Map<ServiceKey, WatchedService>();
    for (const service of table.services) {
      const key = serviceKey(service.id);
      const watched = monitoring.get(key);
      if (watched === undefined) continue;
      const known = before.get(key);
      if (known === undefined) next.set(key, new WatchedService(service, watched, this.#modules));
      else {
        next.set(key, known);
        const same = sameData(known.service, service) && sameData(known.monitoring, watched);
        if (!same) known.update(service, watched);
      }
    }
    for (const [key, service] of before) if (!next.has(key)) service.leave();
    this.#services = next;
    this.#sweep();
  }

  /** What a service of the configuration is to be in the engine now; one without monitoring comes back as it is. */
  effective(service: Service): Service {
    return this.#services.get(serviceKey(service.id))?.effective(service) ?? service;
  }

  /** How the watched services are, in the table's order. Without `weightOf`, weights are those of the effective services. */
  health(weightOf?: EngineWeightOf): readonly ServiceHealth[] {
    return [...this.#services.values()].map((watched) =>
      serviceHealth(watched, weightOf && ((destination) => weightOf(watched.key, destination))),
    );
  }

  /**
   * Ends all checks; fulfilled when they have let go of everything, or after five seconds for those that hang. Services with `omega`
   * are told as down first. What is effective stays. Whoever calls it again waits for the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    for (const service of this.#services.values()) if (service.monitoring.omega) service.tellEnd();
    for (const service of this.#services.values()) service.leave();
    this.#sweep();
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = this.#queue.at(this.#modules.now() + HUNG_AFTER, resolve);
    await Promise.race([this.#sweeping, promise]);
    this.#queue.cancel(limit);
  }

  #sweep(): void {
    this.#sweeping = Promise.all([this.#sweeping, this.#pool.sweep()]);
  }
}
