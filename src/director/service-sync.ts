import type { Logger } from 'pino';
import type { Engine, OperationOutcome } from '../engines/engine.ts';
import { diffTables } from '../model/diff.ts';
import type { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import type { Service, ServiceKey } from '../model/service.ts';
import { DEFAULT_TIMEOUTS } from '../model/table.ts';
import { formatChange } from './format-change.ts';
import { mergeService } from './merge-service.ts';
import type { OwnedServices } from './owned-services.ts';
import { deletionsLast } from './plan-table.ts';
import { tableChanges } from './table-changes.ts';
import { whoAsked } from './who-asked.ts';

/** Operations of one call of the engine. */
const OPERATIONS_PER_CALL = 256;

export interface ServiceSyncModules {
  readonly engine: Pick<Engine, 'execute' | 'service'>;
  readonly owned: OwnedServices;
  /** What a wanted service is to be in the engine now. */
  readonly effective: (service: Service) => Service;
  readonly logger: Logger;
}

/**
 * Makes single services what they are to be now, because of a check or a drain. Only they are read, and only what is to be another
 * thing than before is changed: what other programs made of the rest is drift, and stays.
 */
export class ServiceSync {
  readonly #modules: ServiceSyncModules;
  /** Services of which something was refused, with why: they are tried again now and then. */
  readonly #refused = new Map<ServiceKey, string>();

  constructor(modules: ServiceSyncModules) {
    this.#modules = modules;
  }

  /** To be called with nothing else at work on the table. Refusals are logged; a service that is named twice is looked at once. */
  async run(services: Iterable<ServiceKey>): Promise<void> {
    let steps: Step[] = [];
    let count = 0;
    for (const key of new Set(services)) {
      const step = await this.#step(key);
      if (step === undefined) {
        this.#refused.delete(key);
        continue;
      }
      steps.push(step);
      count += step.operations.length;
      if (count < OPERATIONS_PER_CALL) continue;
      await this.#execute(steps);
      [steps, count] = [[], 0];
    }
    await this.#execute(steps);
  }

  /** Tries what was refused again. */
  retry(): Promise<void> {
    return this.run([...this.#refused.keys()]);
  }

  async #step(key: ServiceKey): Promise<Step | undefined> {
    const { engine, owned, effective } = this.#modules;
    const [wanted, before] = [owned.wanted.get(key), owned.expected.get(key)];
    // A service that the director lost, or never got in, does not come back by a check.
    if (wanted === undefined || before === undefined) return undefined;
    const after = effective(wanted);
    const changes = difference(before, after);
    if (changes.length === 0) return undefined;
    const live = await engine.service(before.id);
    if (live === undefined) return undefined;
    return { key, live, changes, operations: deletionsLast(mergeService(before, after, live)) };
  }

  async #execute(steps: readonly Step[]): Promise<void> {
    const operations = steps.flatMap((step) => step.operations);
    const outcomes = operations.length === 0 ? [] : await this.#modules.engine.execute(operations);
    let done = 0;
    for (const step of steps) {
      this.#note(step, outcomes.slice(done, done + step.operations.length));
      done += step.operations.length;
    }
  }

  #note({ key, live, changes, operations }: Step, outcomes: readonly OperationOutcome[]): void {
    const { owned, logger } = this.#modules;
    const carriedOut = operations.filter((_, index) => outcomes[index] === undefined);
    const error = outcomes.find((outcome) => outcome !== undefined);
    // What needed no operation, as another program did it before, is what is expected from now on all the same.
    for (const operation of error === undefined ? changes : carriedOut) owned.note(operation);
    const told = tableChanges(carriedOut, { services: [live], timeouts: DEFAULT_TIMEOUTS });
    for (const [index, change] of told.entries()) {
      logger[isGradual(carriedOut[index], live) ? 'debug' : 'info'](whoAsked(), formatChange(change));
    }
    if (error === undefined) this.#refused.delete(key);
    else this.#takeRefusal(key, error);
  }

  #takeRefusal(key: ServiceKey, { code, hint, message }: ViprError): void {
    // What is tried every few seconds, and refused for the same reason, is told once.
    const level = this.#refused.get(key) === message ? 'debug' : 'error';
    this.#refused.set(key, message);
    this.#modules.logger[level]({ code, hint }, `${key} is not what it should be: ${message}`);
  }
}

/** What is to be done about one service. */
interface Step {
  readonly key: ServiceKey;
  readonly live: Service;
  /** From what the director made of it to what it is to be. */
  readonly changes: readonly Operation[];
  /** From what it is to what it is to be. */
  readonly operations: readonly Operation[];
}

function difference(before: Service, after: Service): Operation[] {
  const [from, to] = [before, after].map((service) => ({ services: [service], timeouts: DEFAULT_TIMEOUTS }));
  return from === undefined || to === undefined ? [] : diffTables(from, to);
}

/** A weight that becomes another one while the destination goes on serving. */
function isGradual(operation: Operation | undefined, live: Service): boolean {
  if (operation?.kind !== 'edit-destination' || operation.destination.weight === 0) return false;
  const { address, port } = operation.destination;
  const before = live.destinations.find((each) => each.address === address && each.port === port);
  return before !== undefined && before.weight > 0;
}
