import type { Logger } from 'pino';
import type { TableChange } from '../api/protocol.ts';
import type { DriftMode } from '../config/config.ts';
import type { Engine } from '../engines/engine.ts';
import { type Destination, destinationKey } from '../model/destination.ts';
import { diffTables } from '../model/diff.ts';
import { type Service, serviceKey } from '../model/service.ts';
import type { Table, TableSnapshot } from '../model/table.ts';
import type { Weight } from '../model/unit.ts';
import type { EventFacts } from './event-ring.ts';
import { formatChange } from './format-change.ts';
import type { OwnedServices } from './owned-services.ts';
import { tableChanges } from './table-changes.ts';

/** More differences are told by their number. */
const TOLD_IN_FULL = 100;

export interface DriftModules {
  readonly engine: Pick<Engine, 'execute' | 'snapshot'>;
  readonly owned: OwnedServices;
  readonly logger: Logger;
  /** Hears of each difference that the log tells. */
  readonly tell?: (event: EventFacts) => void;
}

/** Finds what other programs changed of owned services, behind the director's back; each difference is told once. */
export class Drift {
  readonly #modules: DriftModules;
  #told: ReadonlySet<string> = new Set();
  #found: readonly TableChange[] = [];

  constructor(modules: DriftModules) {
    this.#modules = modules;
  }

  /** What differed at the last check, and was not put back. */
  get found(): readonly TableChange[] {
    return this.#found;
  }

  /**
   * Compares the engine's table with what the director knows of it, and with `repair` puts back what differs. A weight of 0 is left
   * all the same: that is how servers are drained, and whoever does it would have to do it again and again.
   * The answer is the table as it was found, and undefined where nobody looked.
   */
  async check(mode: DriftMode): Promise<TableSnapshot | undefined> {
    const { engine, owned } = this.#modules;
    if (mode === 'ignore' || owned.keys.size === 0) {
      this.#found = [];
      return undefined;
    }
    const live = await engine.snapshot();
    const expected = owned.expectedTable(live);
    const found = limited(live, expected);
    const differences = tableChanges(diffTables(expected, found), expected);
    this.#found = differences;
    const told = this.#tell(differences);
    if (mode === 'repair' && differences.length > 0) await this.#repair(found, expected, told);
    this.#told = told;
    return live;
  }

  /** Tells those that were not there at the last check, and returns all. */
  #tell(differences: readonly TableChange[]): Set<string> {
    const texts = new Map(differences.map((difference) => [formatChange(difference), difference]));
    const fresh = [...texts].filter(([text]) => !this.#told.has(text));
    const { logger, tell } = this.#modules;
    for (const [text, { service, destination }] of fresh.slice(0, TOLD_IN_FULL)) {
      const line = `drift: another program ${text}`;
      logger.warn(line);
      tell?.({
        kind: 'drift',
        text: line,
        ...(service !== undefined && { service }),
        ...(destination !== undefined && { destination }),
      });
    }
    if (fresh.length > TOLD_IN_FULL) {
      const line = `drift: other programs changed ${fresh.length - TOLD_IN_FULL} more`;
      logger.warn(line);
      tell?.({ kind: 'drift', text: line });
    }
    return new Set(texts.keys());
  }

  async #repair(found: Table, expected: Table, told: Set<string>): Promise<void> {
    const { engine, logger } = this.#modules;
    const operations = diffTables(found, sparingDrained(expected, found));
    const changes = tableChanges(operations, found);
    const outcomes = await engine.execute(operations);
    let repaired = 0;
    const mended = new Set<string>();
    for (const [index, change] of changes.entries()) {
      const error = outcomes[index];
      if (error === undefined) {
        repaired += 1;
        mended.add(subjectOf(change));
        if (repaired <= TOLD_IN_FULL) logger.info(`drift repaired: ${formatChange(change)}`);
        continue;
      }
      const text = `drift cannot be repaired: ${error.message}`;
      if (!this.#told.has(text) && !told.has(text))
        logger.error({ code: error.code, hint: error.hint }, text);
      told.add(text);
    }
    if (repaired > TOLD_IN_FULL) logger.info(`drift repaired: ${repaired - TOLD_IN_FULL} more`);
    this.#found = this.#found.filter((difference) => !mended.has(subjectOf(difference)));
  }
}

function subjectOf({ service, destination }: TableChange): string {
  return `${service} ${destination}`;
}

/** The services that the director knows to be there: one that it lost, or never got in, is not its to take away again. */
function limited({ services, timeouts }: Table, { services: known }: Table): Table {
  const keys = new Set(known.map(({ id }) => serviceKey(id)));
  return { timeouts, services: services.filter(({ id }) => keys.has(serviceKey(id))) };
}

/** A table in which destinations have the weight 0 that they were found with. */
function sparingDrained(expected: Table, found: Table): Table {
  const present = new Map(found.services.map((service) => [serviceKey(service.id), service]));
  return {
    ...expected,
    services: expected.services.map((service) => {
      const drained = drainedOf(present.get(serviceKey(service.id)));
      if (drained.size === 0) return service;
      const destinations = service.destinations.map((each): Destination => {
        return drained.has(destinationKey(each)) ? { ...each, weight: 0 as Weight } : each;
      });
      return { ...service, destinations };
    }),
  };
}

function drainedOf(service: Service | undefined): ReadonlySet<string> {
  const drained = service?.destinations.filter(({ weight }) => weight === 0) ?? [];
  return new Set(drained.map(destinationKey));
}
