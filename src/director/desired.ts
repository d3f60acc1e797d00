import { destinationKey } from '../model/destination.ts';
import type { DestinationHealth, ServiceHealth } from '../model/health.ts';
import type { Monitoring } from '../model/monitoring.ts';
import type { Service, ServiceKey } from '../model/service.ts';
import { DEFAULT_TIMEOUTS, type Table } from '../model/table.ts';
import type { Drains } from './drains.ts';
import { type Health, NO_HEALTH } from './health.ts';
import type { OwnedServices } from './owned-services.ts';
import { startsOut } from './starts-out.ts';

export interface DesiredModules {
  readonly drains: Drains;
  readonly owned: OwnedServices;
}

/** What services are to be in the engine: what is wanted, what checks make of it, and over that what is drained. */
export class Desired {
  readonly #modules: DesiredModules;
  readonly #health: Health;
  #monitoring: Monitoring = new Map();

  constructor(modules: DesiredModules, health: Health = NO_HEALTH) {
    this.#modules = modules;
    this.#health = health;
  }

  /** How services are watched now. */
  get monitoring(): Monitoring {
    return this.#monitoring;
  }

  /** What a wanted service is to be now. A drained destination counts as alive: checks are asked first. */
  effective(service: Service): Service {
    return this.#modules.drains.apply(this.#health.effective(service));
  }

  /** What a whole table is to be that is about to be wanted, and to be watched as `next` says. */
  table(wanted: Table, next: Monitoring): Table {
    const services = wanted.services.map((service) => {
      return this.effective(startsOut(service, next, this.#monitoring));
    });
    return { ...wanted, services };
  }

  /** Watches a table from now on. */
  watch(table: Table, monitoring: Monitoring): void {
    this.#monitoring = monitoring;
    this.#health.watch(table, monitoring);
  }

  /** An operator changed what is wanted of services: those that are watched are watched as they are to be now. */
  watchAgain(changed: Iterable<ServiceKey>): void {
    if (![...changed].some((key) => this.#monitoring.has(key))) return;
    const services = this.#modules.owned.wanted.all();
    this.#health.watch({ services, timeouts: DEFAULT_TIMEOUTS }, this.#monitoring);
  }

  /** How watched services are, with the weights that the director gave their destinations. */
  health(): readonly ServiceHealth[] {
    const { owned } = this.#modules;
    const weights = new Map<ServiceKey, ReadonlyMap<string, number>>();
    const weightsOf = (key: ServiceKey): ReadonlyMap<string, number> => {
      const known = weights.get(key);
      if (known !== undefined) return known;
      const destinations = owned.expected.get(key)?.destinations ?? [];
      const found = new Map(destinations.map((each) => [destinationKey(each), each.weight]));
      weights.set(key, found);
      return found;
    };
    return this.#health
      .health((service, destination) => weightsOf(service).get(destination))
      .map((service) => this.#withDrains(service));
  }

  close(): Promise<void> {
    return this.#health.close();
  }

  #withDrains(service: ServiceHealth): ServiceHealth {
    const destinations = service.destinations.map((health): DestinationHealth => {
      const drained = this.#modules.drains.has(service.service, health.destination);
      return drained && health.state === 'up' ? { ...health, reason: 'draining' } : health;
    });
    return { ...service, destinations };
  }
}
