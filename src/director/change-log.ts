import type { Logger } from 'pino';
import type { DirectorEvent } from '../api/operated-director.ts';
import type { Engine, OperationOutcome } from '../engines/engine.ts';
import { destinationKey } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import { describeOperation, destinationName, TIMEOUTS } from './describe-operation.ts';
import { destinationFacts, type Facts, serviceFacts, timeoutFacts } from './facts.ts';
import { whoAsked } from './who-asked.ts';

/** Batches above this are told by their counts; each operation of them is logged at debug. */
const BATCH_TOLD_IN_FULL = 100;

/** What is told of a change besides the log. */
export type ChangeFacts = Pick<DirectorEvent, 'text' | 'service' | 'destination'>;

/** A batch that was described before it is carried out. */
export interface PendingChange {
  log(outcomes: readonly OperationOutcome[]): void;
}

/** Tells the log what operations change; edits are told as what was and what is. */
export class ChangeLog {
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #onChange: (change: ChangeFacts) => void;

  /** @param onChange hears of each change that is told in the log, one line for a large batch. */
  constructor(engine: Engine, logger: Logger, onChange: (change: ChangeFacts) => void = () => undefined) {
    this.#engine = engine;
    this.#logger = logger;
    this.#onChange = onChange;
  }

  /** Reads what the operations are about to change. */
  async before(operations: readonly Operation[]): Promise<PendingChange> {
    if (operations.length > BATCH_TOLD_IN_FULL) {
      return {
        log: (outcomes) => {
          const text = countOutcomes(operations, outcomes);
          this.#logger.info(whoAsked(), text);
          this.#onChange({ text });
          this.#tell('debug', operations, outcomes, new Map());
        },
      };
    }
    const known = await this.#read(operations);
    return { log: (outcomes) => this.#tell('info', operations, outcomes, known) };
  }

  #tell(
    level: 'info' | 'debug',
    operations: readonly Operation[],
    outcomes: readonly OperationOutcome[],
    known: Map<string, Facts>,
  ): void {
    // Changes of a large batch are told to nobody else.
    if (level === 'debug' && !this.#logger.isLevelEnabled(level)) return;
    operations.forEach((operation, index) => {
      const error = outcomes[index];
      const { text, key, facts } = describeOperation(operation, known);
      if (error !== undefined) {
        this.#logger[level](
          { operation: operation.kind, code: error.code, ...whoAsked() },
          `refused ${operation.kind}: ${error.message}`,
        );
        return;
      }
      if (facts !== undefined) known.set(key, facts);
      this.#logger[level]({ operation: operation.kind, ...whoAsked() }, text);
      if (level === 'info') this.#onChange({ text, ...subjectOf(operation) });
    });
  }

  /** The facts that edits start from. */
  async #read(operations: readonly Operation[]): Promise<Map<string, Facts>> {
    const known = new Map<string, Facts>();
    const asked = new Set<ServiceKey>();
    for (const operation of operations) {
      if (operation.kind === 'set-timeouts' && !known.has(TIMEOUTS)) {
        known.set(TIMEOUTS, timeoutFacts((await this.#engine.snapshot()).timeouts));
      }
      if (operation.kind !== 'edit-service' && operation.kind !== 'edit-destination') continue;
      const key = serviceKey(operation.service);
      if (asked.has(key)) continue;
      asked.add(key);
      const service = await this.#engine.service(operation.service);
      if (service === undefined) continue;
      known.set(key, serviceFacts(service));
      for (const destination of service.destinations) {
        known.set(destinationName(key, destination), destinationFacts(destination));
      }
    }
    return known;
  }
}

function subjectOf(operation: Operation): Pick<ChangeFacts, 'service' | 'destination'> {
  return {
    ...('service' in operation && operation.service && { service: serviceKey(operation.service) }),
    ...('destination' in operation && { destination: destinationKey(operation.destination) }),
  };
}

function countOutcomes(operations: readonly Operation[], outcomes: readonly OperationOutcome[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of operations) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
  return `${kinds}; ${outcomes.filter((outcome) => outcome !== undefined).length} refused`;
}
