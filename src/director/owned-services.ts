import { type DestinationId, destinationKey } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceKey, serviceKey } from '../model/service.ts';
import { destinationSettings, serviceSettings } from '../model/settings.ts';
import type { Table, Timeouts } from '../model/table.ts';
import type { Seconds } from '../model/unit.ts';

const KEEP = 0 as Seconds;

/**
 * The services that the configuration names, and what they are in the engine as far as the director knows: changes that come through
 * it are noted, so that only those that others make differ from it.
 */
export class OwnedServices {
  #keys: ReadonlySet<ServiceKey> = new Set();
  readonly #expected = new Map<ServiceKey, Service>();
  /** Those that the configuration names; 0 for the others. */
  #timeouts: Timeouts = { tcp: KEEP, tcpfin: KEEP, udp: KEEP };

  get keys(): ReadonlySet<ServiceKey> {
    return this.#keys;
  }

  /** Owns what a configuration names, and nothing else from now on. `live` is the table before it is applied. */
  own(named: Table, live: Table): void {
    this.#keys = new Set(named.services.map(({ id }) => serviceKey(id)));
    this.#timeouts = named.timeouts;
    this.#expected.clear();
    for (const service of live.services) {
      const key = serviceKey(service.id);
      if (!this.#keys.has(key)) continue;
      const destinations = service.destinations.map(destinationSettings);
      this.#expected.set(key, { id: service.id, ...serviceSettings(service), destinations });
    }
  }

  /** Takes in an operation that was carried out. */
  note(operation: Operation): void {
    switch (operation.kind) {
      case 'flush':
        this.#expected.clear();
        return;
      case 'set-timeouts':
        this.#timeouts = merged(this.#timeouts, operation.timeouts);
        return;
      case 'zero':
      case 'start-daemon':
      case 'stop-daemon':
        return;
      case 'delete-service':
        this.#expected.delete(serviceKey(operation.service));
        return;
      case 'add-service':
        if (!this.#keys.has(serviceKey(operation.service))) return;
        this.#expected.set(serviceKey(operation.service), {
          id: operation.service,
          ...serviceSettings(operation.settings),
          destinations: [],
        });
        return;
      case 'edit-service':
      case 'add-destination':
      case 'edit-destination':
      case 'delete-destination': {
        const key = serviceKey(operation.service);
        const service = this.#expected.get(key);
        if (service !== undefined) this.#expected.set(key, changed(service, operation));
        return;
      }
      default:
        throw new TypeError(`unknown operation ${JSON.stringify(operation satisfies never)}`);
    }
  }

  /** What the director knows of its services. */
  expected(live: Table): Table {
    return { services: [...this.#expected.values()], timeouts: merged(live.timeouts, this.#timeouts) };
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
    case 'add-destination':
      return { ...service, destinations: [destinationSettings(operation.destination), ...destinations] };
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

/** Where the second has 0, the first stays; where the first has 0 it is nobody's business. */
function merged(present: Timeouts, given: Timeouts): Timeouts {
  const each = (name: keyof Timeouts) => (present[name] === 0 ? KEEP : given[name] || present[name]);
  return { tcp: each('tcp'), tcpfin: each('tcpfin'), udp: each('udp') };
}
