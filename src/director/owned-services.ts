import type { Operation } from '../model/operation.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table, Timeouts } from '../model/table.ts';
import type { Seconds } from '../model/unit.ts';
import { NotedServices } from './noted-services.ts';

const KEEP = 0 as Seconds;

/**
 * The services that the configuration names: what is wanted of them, and what they are in the engine as far as the director knows.
 * Both take in what comes through the director, so that only what others make differs from the latter.
 */
export class OwnedServices {
  /** What the configuration says with what operators changed since; checks and drains do not show here. */
  readonly wanted = new NotedServices((key) => this.#keys.has(key));
  /** What the director itself made of them. */
  readonly expected = new NotedServices((key) => this.#keys.has(key));
  #keys: ReadonlySet<ServiceKey>;
  /** Those that the configuration names; 0 for the others. */
  #timeouts: Timeouts = { tcp: KEEP, tcpfin: KEEP, udp: KEEP };

  /** Owns what an earlier director owned, until a configuration says more. */
  constructor(earlier: Iterable<ServiceKey> = []) {
    this.#keys = new Set(earlier);
  }

  get keys(): ReadonlySet<ServiceKey> {
    return this.#keys;
  }

  /**
   * What is owned from the first step of applying a table to its last: what is owned so far, and what will be new. A service that is there
   * and nobody's is not: it becomes the director's only with the last step.
   */
  claims(named: Table, live: Table): ServiceKey[] {
    const present = new Set(live.services.map(({ id }) => serviceKey(id)));
    const added = named.services.map(({ id }) => serviceKey(id)).filter((key) => !present.has(key));
    return [...new Set([...this.#keys, ...added])];
  }

  /** Owns what a configuration names, and nothing else from now on. `live` is the table before it is applied. */
  own(named: Table, live: Table): void {
    this.#keys = new Set(named.services.map(({ id }) => serviceKey(id)));
    this.#timeouts = named.timeouts;
    this.wanted.replace(named.services);
    this.expected.replace(live.services.filter(({ id }) => this.#keys.has(serviceKey(id))));
  }

  /** Takes in an operation of the director's own that was carried out. */
  note(operation: Operation): void {
    this.expected.note(operation);
    if (operation.kind === 'set-timeouts') this.#timeouts = merged(this.#timeouts, operation.timeouts);
  }

  /** Takes in an operation of an operator that was carried out, or that is as good as carried out. */
  noteWanted(operation: Operation): void {
    this.wanted.note(operation);
  }

  /** What the director knows of its services, as a table. */
  expectedTable(live: Table): Table {
    return { services: this.expected.all(), timeouts: merged(live.timeouts, this.#timeouts) };
  }
}

/** Where the second has 0, the first stays; where the first has 0 it is nobody's business. */
function merged(present: Timeouts, given: Timeouts): Timeouts {
  const each = (name: keyof Timeouts) => (present[name] === 0 ? KEEP : given[name] || present[name]);
  return { tcp: each('tcp'), tcpfin: each('tcpfin'), udp: each('udp') };
}
