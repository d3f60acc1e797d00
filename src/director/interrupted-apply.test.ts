import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, serviceOn, serviceOnMark, settings } from '../../test/engine/sample-table.ts';
import type { OperationOutcome } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { diffTables } from '../model/diff.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceId, serviceKey } from '../model/service.ts';
import { DEFAULT_TIMEOUTS, type Table } from '../model/table.ts';
import { Director } from './director.ts';
import { type DirectorState, NO_STATE } from './director-state.ts';
import { RecordedLog } from './recorded-log.ts';
import type { StateKeeper } from './state-file.ts';

const STAYS = serviceOn('192.0.2.10');
const GOES = serviceOn('192.0.2.11', 53, 'udp');
const COMES = serviceOn('192.0.2.12', 443);
const COMES_TOO = serviceOnMark(9);
const BY_HAND = serviceOnMark(7);

const OLD = tableOf(serviceOf(STAYS, '10.0.0.1', '10.0.0.2'), serviceOf(GOES, '10.0.0.3'));
const NEW = tableOf(
  serviceOf(STAYS, '10.0.0.2', '10.0.0.4'),
  serviceOf(COMES, '10.0.0.5', '10.0.0.6'),
  serviceOf(COMES_TOO),
);

/** A table that outlives the director that changes it, which comes to its end at some operation. */
class SurvivingEngine extends MemoryEngine {
  /** Operations until then. */
  left = Number.POSITIVE_INFINITY;

  override async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (const operation of operations) {
      if (this.left <= 0) throw new Error('the process has ended');
      this.left -= 1;
      outcomes.push(...(await super.execute([operation])));
    }
    return outcomes;
  }

  override async close(): Promise<void> {}
}

class Remembered implements StateKeeper {
  state: DirectorState = NO_STATE;
  read = () => this.state;
  write(state: DirectorState): void {
    this.state = state;
  }
}

function directorOn(engine: MemoryEngine, state: StateKeeper): Director {
  const { logger } = new RecordedLog();
  return new Director({ engineReason: 'a test', version: '1.2.3' }, { engine, logger, state });
}

/** Services that an operator added stand beside them, before and after. */
async function running(table: Table) {
  const [engine, state] = [new SurvivingEngine(), new Remembered()];
  const director = directorOn(engine, state);
  await director.start(table);
  await director.execute([{ kind: 'add-service', service: BY_HAND, settings: settings() }]);
  return { engine, state, director };
}

async function assertTable(engine: MemoryEngine, { services }: Table, what: string): Promise<void> {
  const expected = tableOf(...services, serviceOf(BY_HAND));
  assert.deepEqual(diffTables(await engine.snapshot(), expected), [], what);
}

describe('a director that is killed while it applies a table', () => {
  for (const [name, next] of [
    ['old', OLD],
    ['new', NEW],
  ] as const) {
    test(`after every operation: the next one makes of it the ${name} table, and takes nothing from others`, async () => {
      for (let count = 0, unfinished = true; unfinished; count++) {
        const { engine, state, director } = await running(OLD);
        engine.left = count;
        unfinished = await director.apply({ ...NEW, prune: false }).then(
          () => false,
          () => true,
        );
        engine.left = Number.POSITIVE_INFINITY;
        await directorOn(engine, state).start(next);
        await assertTable(engine, next, `killed after ${count} operations`);
        if (!unfinished) assert.ok(count >= 7, 'as many operations as there are');
      }
    });
  }

  test('the same while it starts', async () => {
    for (let count = 0, unfinished = true; unfinished; count++) {
      const { engine, state } = await running(OLD);
      engine.left = count;
      unfinished = await directorOn(engine, state)
        .start(NEW)
        .then(
          () => false,
          () => true,
        );
      engine.left = Number.POSITIVE_INFINITY;
      await directorOn(engine, state).start(OLD);
      await assertTable(engine, OLD, `killed after ${count} operations`);
    }
  });

  test('a service of an operator that the table names, too, is nobody’s until the end', async () => {
    const { engine, state, director } = await running(OLD);
    engine.left = 1;
    const adopting = tableOf(...NEW.services, serviceOf(BY_HAND, '10.0.0.9'));
    await assert.rejects(director.apply({ ...adopting, prune: false }));
    engine.left = Number.POSITIVE_INFINITY;
    await directorOn(engine, state).start(OLD);
    assert.ok(await engine.service(BY_HAND), 'it is still there');
  });
});

test('what a refused table would have added is not remembered', async () => {
  const { engine, state, director } = await running(OLD);
  const refused = new ViprError('ENGINE_FAILED', 'no');
  const execute = engine.execute.bind(engine);
  engine.execute = async (operations) => {
    const outcomes = await execute(operations.filter(({ kind }) => kind !== 'add-service'));
    return operations.map(({ kind }) => (kind === 'add-service' ? refused : outcomes.shift()));
  };
  const adding = tableOf(...OLD.services, serviceOf(COMES_TOO));
  await assert.rejects(director.apply({ ...adding, prune: false }), { code: 'APPLY_REFUSED' });
  assert.deepEqual(
    state.state.owned,
    OLD.services.map(({ id }) => serviceKey(id)),
  );
});

function serviceOf(id: ServiceId, ...addresses: readonly string[]): Service {
  return { id, ...settings(), destinations: addresses.map((address) => destinationOn(address)) };
}

function tableOf(...services: readonly Service[]): Table {
  return { services, timeouts: DEFAULT_TIMEOUTS };
}
