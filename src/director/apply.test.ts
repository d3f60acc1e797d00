import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { destinationOn, serviceOn, serviceOnMark, settings } from '../../test/engine/sample-table.ts';
import { tableArbitrary } from '../../test/engine/table-arbitrary.ts';
import type { OperationOutcome } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { destinationKey } from '../model/destination.ts';
import { diffTables } from '../model/diff.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceId, serviceKey } from '../model/service.ts';
import { destinationSettings, serviceSettings } from '../model/settings.ts';
import { DEFAULT_TIMEOUTS, type Table } from '../model/table.ts';
import type { Seconds, Weight } from '../model/unit.ts';
import { Director } from './director.ts';
import { formatChange } from './format-change.ts';
import { RecordedLog } from './recorded-log.ts';

const KEEP = { tcp: 0 as Seconds, tcpfin: 0 as Seconds, udp: 0 as Seconds };
const WEB = serviceOn('192.0.2.10');
const DNS = serviceOn('192.0.2.10', 53, 'udp');
const BY_HAND = serviceOnMark(7);

/** A table that carries out one operation at a time, and refuses those that a test chooses. */
class StubbornEngine extends MemoryEngine {
  readonly asked: Operation[] = [];
  refuses: (operation: Operation, index: number) => boolean = () => false;

  override async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (const operation of operations) {
      const refused = this.refuses(operation, this.asked.length);
      this.asked.push(operation);
      outcomes.push(
        refused
          ? new ViprError('ENGINE_FAILED', `no ${operation.kind}`, { hint: 'Try again.' })
          : (await super.execute([operation]))[0],
      );
      // Whoever could come between, may.
      await new Promise((resolve) => void setImmediate(resolve));
    }
    return outcomes;
  }
}

async function directorOf(table: Table) {
  const engine = new StubbornEngine();
  const log = new RecordedLog();
  const director = new Director({ engineReason: 'a test', version: '1.2.3' }, { engine, logger: log.logger });
  await director.start(table);
  engine.asked.length = 0;
  log.take();
  return { engine, director, log };
}

describe('applying a table', () => {
  test('makes its services what it says, and leaves those alone that nobody owns', async () => {
    const { engine, director, log } = await directorOf(tableOf(service(WEB, '10.0.0.1'), service(DNS)));
    await director.execute([{ kind: 'add-service', service: BY_HAND, settings: settings() }]);
    log.take();
    const wanted = tableOf(service(WEB, '10.0.0.2'));
    const plan = await director.plan(wanted);
    assert.deepEqual(await director.apply(wanted), plan);
    const told = [
      'added tcp 192.0.2.10:80 -> 10.0.0.2:80: method masquerade, weight 1',
      'removed tcp 192.0.2.10:80 -> 10.0.0.1:80: method masquerade, weight 1',
      'removed udp 192.0.2.10:53: scheduler rr, destinations 0',
    ];
    assert.deepEqual(plan.map(formatChange), told);
    assert.deepEqual(
      log.take(),
      told.map((line) => `info ${line}`),
    );
    assert.deepEqual(await keysOf(engine), [serviceKey(WEB), serviceKey(BY_HAND)]);
    assert.deepEqual(await director.plan(wanted), []);
  });

  test('takes a service over that somebody added by hand, and deletes it when it is no longer named', async () => {
    const { engine, director } = await directorOf(tableOf());
    await director.execute([{ kind: 'add-service', service: BY_HAND, settings: settings() }]);
    await director.apply(tableOf(service(BY_HAND)));
    assert.equal(engine.asked.length, 1);
    await director.apply(tableOf());
    assert.deepEqual(await keysOf(engine), []);
  });

  test('deletes what nobody owns only with prune', async () => {
    const { engine, director } = await directorOf(tableOf(service(WEB)));
    await director.execute([{ kind: 'add-service', service: BY_HAND, settings: settings() }]);
    assert.deepEqual(await director.apply(tableOf(service(WEB))), []);
    const pruned = await director.apply({ ...tableOf(service(WEB)), prune: true });
    assert.deepEqual(pruned.map(formatChange), ['removed fwmark 7 inet: scheduler rr, destinations 0']);
    assert.deepEqual(await keysOf(engine), [serviceKey(WEB)]);
  });

  test('does what leads from any table to any other', async () => {
    await fc.assert(
      fc.asyncProperty(tableArbitrary(), tableArbitrary(), async (from, to) => {
        const { engine, director } = await directorOf(from);
        await director.apply(to);
        assert.deepEqual(content(await engine.snapshot()), content(to));
      }),
      { numRuns: 50 },
    );
  });

  test('with a refusal at any step leaves the table as it was, and can be tried again', async () => {
    await fc.assert(
      fc.asyncProperty(tableArbitrary(4), tableArbitrary(4), async (from, to) => {
        const { director } = await directorOf(from);
        const steps = (await director.plan(to)).length;
        for (let step = 0; step < steps; step += 1) await refuseAt(step, from, to);
      }),
      { numRuns: 40 },
    );
  });

  test('names the refused step', async () => {
    const { engine, director, log } = await directorOf(tableOf());
    engine.refuses = ({ kind }) => kind === 'add-destination';
    await assert.rejects(director.apply(tableOf(service(WEB, '10.0.0.1'))), {
      code: 'APPLY_REFUSED',
      message:
        'Step 2 of 2 was refused: add-destination tcp 192.0.2.10:80 -> 10.0.0.1:80: no add-destination. The table is as it was.',
      hint: 'Try again.',
    });
    assert.match(log.take().join('\n'), /^error Step 2 of 2 was refused: [^\n]*$/);
  });

  test('tells what could not be put back', async () => {
    const { engine, director } = await directorOf(tableOf());
    engine.refuses = ({ kind }) => kind === 'add-destination' || kind === 'delete-service';
    await assert.rejects(director.apply(tableOf(service(WEB, '10.0.0.1'))), {
      code: 'APPLY_REFUSED',
      message: /no add-destination\. It could not all be put back: no delete-service\.$/,
      hint: /vipr plan/,
    });
  });

  test('puts back also where the engine fails on the way', async () => {
    const { engine, director } = await directorOf(tableOf());
    engine.refuses = ({ kind }) => {
      if (kind === 'add-destination') throw new ViprError('ENGINE_FAILED', 'an answer was lost');
      return false;
    };
    await assert.rejects(director.apply(tableOf(service(WEB, '10.0.0.1'))), { code: 'ENGINE_FAILED' });
    assert.deepEqual(await keysOf(engine), []);
  });

  test('happens one after the other, and nothing comes between', async () => {
    const { engine, director } = await directorOf(tableOf());
    const one = tableOf(service(WEB, '10.0.0.1', '10.0.0.2'), service(DNS));
    const other = tableOf(service(WEB, '10.0.0.3'));
    const flush: Operation = { kind: 'flush' };
    await Promise.all([director.apply(one), director.execute([flush]), director.apply(other)]);
    const flushed = engine.asked.indexOf(flush);
    assert.deepEqual(
      engine.asked.slice(0, flushed),
      diffTables(await empty(), { ...one, timeouts: DEFAULT_TIMEOUTS }),
    );
    assert.deepEqual(content(await engine.snapshot()).services, content(other).services);
  });

  test('sends one operation for one weight among 10,000 services', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => service(serviceOnMark(index + 1), '10.0.0.1'));
    const engine = new CountingEngine();
    const director = new Director(
      { engineReason: 'a test', version: '1.2.3' },
      { engine, logger: new RecordedLog().logger },
    );
    await director.start(tableOf(...many));
    engine.operations.length = 0;
    const [first, ...others] = many;
    assert.ok(first !== undefined);
    const heavier = { ...first, destinations: [destinationOn('10.0.0.1', { weight: 5 as Weight })] };
    const changes = await director.apply(tableOf(...others, heavier));
    assert.deepEqual(changes.map(formatChange), ['changed fwmark 1 inet -> 10.0.0.1:80: weight 1 -> 5']);
    assert.deepEqual(engine.operations, [
      { kind: 'edit-destination', service: first.id, destination: heavier.destinations[0] },
    ]);
  });
});

/** Counts what reaches it, and is as quick as the table. */
class CountingEngine extends MemoryEngine {
  readonly operations: Operation[] = [];

  override execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    this.operations.push(...operations);
    return super.execute(operations);
  }
}

async function refuseAt(step: number, from: Table, to: Table): Promise<void> {
  const { engine, director } = await directorOf(from);
  const before = await engine.snapshot();
  engine.refuses = (_operation, index) => index === step;
  await assert.rejects(director.apply(to), { code: 'APPLY_REFUSED' });
  const after = await engine.snapshot();
  assert.deepEqual(content(after), content(before));
  // What has been deleted comes back at the head of its list; what else was done leaves the order as it was.
  if (!engine.asked[step]?.kind.startsWith('delete')) assert.deepEqual(order(after), order(before));
  engine.refuses = () => false;
  await director.apply(to);
  assert.deepEqual(content(await engine.snapshot()), content(to));
}

function tableOf(...services: Service[]): Table {
  return { services, timeouts: KEEP };
}

function service(id: ServiceId, ...addresses: string[]): Service {
  return { id, ...settings(), destinations: addresses.map((address) => destinationOn(address)) };
}

async function keysOf(engine: MemoryEngine): Promise<string[]> {
  return (await engine.snapshot()).services.map(({ id }) => serviceKey(id));
}

function empty(): Promise<Table> {
  return new MemoryEngine().snapshot();
}

function order({ services }: Table) {
  return services.map(({ id, destinations }) => [serviceKey(id), destinations.map(destinationKey)]);
}

/** A table without counts and order. */
function content({ services, timeouts }: Table) {
  const each = services.map((one) => {
    const destinations = one.destinations.map((destination) => {
      const { proxyProtocol = 'off', ...rest } = destinationSettings(destination);
      return [destinationKey(destination), { ...rest, proxyProtocol }] as const;
    });
    return [serviceKey(one.id), { ...serviceSettings(one), destinations: new Map(destinations) }] as const;
  });
  return { services: new Map(each), timeouts };
}
