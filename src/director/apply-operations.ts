import type { Engine, OperationOutcome } from '../engines/engine.ts';
import { diffTables } from '../model/diff.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import { describeOperation } from './describe-operation.ts';
import { deletionsLast, isDeletion } from './plan-table.ts';

/** Operations of one call: what is carried out after a refused one has to be put back too. */
const OPERATIONS_PER_CALL = 256;

/**
 * Carries operations out, all of them or none: where one is refused, those that were done are put back. `before` is the table
 * before the first one. Throws APPLY_REFUSED, or what the engine failed with.
 */
export async function applyOperations(
  engine: Pick<Engine, 'execute' | 'snapshot'>,
  operations: readonly Operation[],
  before: Table,
): Promise<void> {
  let done = 0;
  for (const batch of batchesOf(operations)) {
    const first = done;
    done += batch.length;
    const tried = operations.slice(0, done);
    let outcomes: readonly OperationOutcome[];
    try {
      outcomes = await engine.execute(batch);
    } catch (error) {
      // An engine that fails may refuse this too; its own failure is what matters then.
      await putBack(engine, tried, before).catch(() => undefined);
      throw error;
    }
    const index = outcomes.findIndex((outcome) => outcome !== undefined);
    const [operation, reason] = [batch[index], outcomes[index]];
    if (operation === undefined || reason === undefined) continue;
    const left = await putBack(engine, tried, before);
    throw refused(operation, reason, `${first + index + 1} of ${operations.length}`, left);
  }
}

/** Deletions are in batches of their own: to put one back costs connections and the order of the list. */
function* batchesOf(operations: readonly Operation[]): Iterable<readonly Operation[]> {
  let batch: Operation[] = [];
  for (const operation of operations) {
    const [first] = batch;
    const other = first !== undefined && isDeletion(first) !== isDeletion(operation);
    if (other || batch.length === OPERATIONS_PER_CALL) {
      yield batch;
      batch = [];
    }
    batch.push(operation);
  }
  if (batch.length > 0) yield batch;
}

/** Makes the services that operations are about, and the timeouts, what they were; returns what could not be done. */
async function putBack(
  engine: Pick<Engine, 'execute' | 'snapshot'>,
  operations: readonly Operation[],
  before: Table,
): Promise<ViprError[]> {
  const touched = new Set(
    operations.flatMap((operation) => {
      return 'service' in operation && operation.service ? [serviceKey(operation.service)] : [];
    }),
  );
  const now = await engine.snapshot();
  const steps = deletionsLast(diffTables(limited(now, touched), limited(before, touched)));
  const outcomes = await engine.execute(steps);
  return outcomes.filter((outcome) => outcome !== undefined);
}

function limited({ services, timeouts }: Table, keys: ReadonlySet<ServiceKey>): Table {
  return { timeouts, services: services.filter(({ id }) => keys.has(serviceKey(id))) };
}

function refused(
  operation: Operation,
  reason: ViprError,
  step: string,
  left: readonly ViprError[],
): ViprError {
  const { kind } = operation;
  const { key } = describeOperation(operation, new Map());
  const rest =
    left.length === 0
      ? 'The table is as it was.'
      : `It could not all be put back: ${left.map(({ message }) => message).join('; ')}.`;
  const hint = left.length === 0 ? reason.hint : 'See with `vipr plan` what differs, and mend it by hand.';
  return new ViprError(
    'APPLY_REFUSED',
    `Step ${step} was refused: ${kind} ${key}: ${reason.message}. ${rest}`,
    {
      cause: reason,
      ...(hint !== undefined && { hint }),
    },
  );
}
