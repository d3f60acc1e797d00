import { type DestinationId, destinationKey } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceKey, serviceKey } from '../model/service.ts';
import { destinationSettings, serviceSettings } from '../model/settings.ts';

/** Services as they are known to be: operations that are noted change them as they change an engine's. */
export class NotedServices {
  readonly #services = new Map<ServiceKey, Service>();
  readonly #isNoted: (service: ServiceKey) => boolean;

  /** What is added is noted where `isNoted` says so. */
  constructor(isNoted: (service: ServiceKey) => boolean) {
    this.#isNoted = isNoted;
  }

  /** In the order in which they were given or added. */
  all(): Service[] {
    return [...this.#services.values()];
  }

  get(key: ServiceKey): Service | undefined {
    return this.#services.get(key);
  }

  /** Begins anew with copies of these. */
  replace(services: Iterable<Service>): void {
    this.#services.clear();
    for (const service of services) {
      const destinations = service.destinations.map(destinationSettings);
      this.#services.set(serviceKey(service.id), {
        id: service.id,
        ...serviceSettings(service),
        destinations,
      });
    }
  }

  /** Takes in an operation that was carried out. */
  note(operation: Operation): void {
    switch (operation.kind) {
      case 'flush':
        this.#services.clear();
        return;
      case 'set-timeouts':
      case 'zero':
      case 'start-daemon':
      case 'stop-daemon':
        return;
      case 'delete-service':
        this.#services.delete(serviceKey(operation.service));
        return;
      case 'add-service': {
        const key = serviceKey(operation.service);
        if (!this.#isNoted(key)) return;
        const settings = serviceSettings(operation.settings);
        this.#services.set(key, { id: operation.service, ...settings, destinations: [] });
        return;
      }
      case 'edit-service':
      case 'add-destination':
      case 'edit-destination':
      case 'delete-destination': {
        const key = serviceKey(operation.service);
        const service = this.#services.get(key);
        if (service !== undefined) this.#services.set(key, changed(service, operation));
        return;
      }
      default:
        throw new TypeError(`unknown operation ${JSON.stringify(operation satisfies never)}`);
    }
  }
}

type Change = Extract<
  Operation,
  { readonly kind: 'edit-service' | 'add-destination' | 'edit-destination' | 'delete-destination' }
>;

function changed(service: Service, operation: Change): Service {
  const { destinations } = service;
  switch (operation.kind) {
    case 'edit-service':
      return { id: service.id, ...serviceSettings(operation.settings), destinations };
    case 'add-destination': {
      // It may be known and yet not have been there: what a failed check took out, an operator may add.
      const others = destinations.filter((each) => !same(each, operation.destination));
      return { ...service, destinations: [destinationSettings(operation.destination), ...others] };
    }
    case 'edit-destination':
      return {
        ...service,
        destinations: destinations.map((each) => {
          if (!same(each, operation.destination)) return each;
          const { proxyProtocol } = each;
          // An edit that leaves the PROXY protocol out keeps it.
          const kept = proxyProtocol === undefined ? {} : { proxyProtocol };
          return { ...kept, ...destinationSettings(operation.destination) };
        }),
      };
    case 'delete-destination':
      return { ...service, destinations: destinations.filter((each) => !same(each, operation.destination)) };
    default:
      throw new TypeError(`unknown operation ${JSON.stringify(operation satisfies never)}`);
  }
}

function same(one: DestinationId, other: DestinationId): boolean {
  return destinationKey(one) === destinationKey(other);
}
