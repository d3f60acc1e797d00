import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationOn, serviceOnMark, settings } from '../../test/engine/sample-table.ts';
import type { OperationOutcome } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import type { DestinationKey } from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceKey, serviceKey } from '../model/service.ts';
import { DEFAULT_TIMEOUTS } from '../model/table.ts';
import { Director } from './director.ts';
import { type HealthListener, NO_HEALTH } from './health.ts';
import { RecordedLog } from './recorded-log.ts';

/** Counts what it is asked. */
class CountingEngine extends MemoryEngine {
  readonly operations: Operation[] = [];
  looks = 0;
  snapshots = 0;

  override execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    this.operations.push(...operations);
    return super.execute(operations);
  }

  override service(...id: Parameters<MemoryEngine['service']>) {
    this.looks += 1;
    return super.service(...id);
  }

  override snapshot() {
    this.snapshots += 1;
    return super.snapshot();
  }
}

async function bench(services: readonly Service[]) {
  const [engine, log, out] = [new CountingEngine(), new RecordedLog(), new Set<ServiceKey>()];
  const listeners: HealthListener[] = [];
  const director = new Director(
    { engineReason: 'a test', version: '1.2.3' },
    {
      engine,
      logger: log.logger,
      health: (listener) => {
        listeners.push(listener);
        return {
          ...NO_HEALTH,
          effective: (service) =>
            out.has(serviceKey(service.id)) ? { ...service, destinations: [] } : service,
        };
      },
    },
  );
  await director.start({ services, timeouts: DEFAULT_TIMEOUTS });
  const [listener] = listeners;
  assert.ok(listener !== undefined);
  engine.operations.length = 0;
  engine.snapshots = 0;
  return { engine, log, director, listener, out };
}

const many = (count: number) =>
  Array.from({ length: count }, (_, index): Service => {
    return { id: serviceOnMark(index + 1), ...settings(), destinations: [destinationOn('10.0.0.1')] };
  });
const nth = (number: number) => serviceKey(serviceOnMark(number));

test('one server that fails among 10,000 services is one look and one operation', async () => {
  const { engine, listener, out, director } = await bench(many(10_000));
  out.add(nth(5000));
  for (let time = 0; time < 20; time++) listener.onChange(nth(5000));
  await director.execute([]);
  assert.deepEqual([engine.looks, engine.snapshots], [1, 0]);
  assert.deepEqual(
    engine.operations.map(({ kind }) => kind),
    ['delete-destination'],
  );
});

test('of many services that change at once each is looked at once, and an unchanged configuration changes nothing', async () => {
  const { engine, listener, out, director } = await bench(many(600));
  for (let number = 1; number <= 600; number++) {
    out.add(nth(number));
    listener.onChange(nth(number));
  }
  await director.execute([]);
  assert.deepEqual([engine.looks, engine.operations.length], [600, 600]);
  assert.deepEqual(await director.plan({ services: many(600), timeouts: DEFAULT_TIMEOUTS }), []);
});

test('what could not be asked of the engine is tried again', async () => {
  const { engine, listener, out, director, log } = await bench(many(2));
  const { service } = engine;
  engine.service = () => Promise.reject(new Error('an answer was lost'));
  out.add(nth(1));
  listener.onChange(nth(1));
  await director.execute([]);
  assert.deepEqual(log.take(), ['error what checks found cannot be carried out']);
  engine.service = service;
  await director.checkDrift();
  assert.equal(engine.operations.length, 1);
});

test('what is refused is tried again and told once for each reason, also where the engine cannot be asked meanwhile', async () => {
  const { engine, listener, out, director, log } = await bench(many(2));
  const { service, execute } = engine;
  const refuse = (message: string) => {
    engine.execute = async (operations) => operations.map(() => new ViprError('ENGINE_FAILED', message));
  };
  refuse('no room');
  out.add(nth(1));
  listener.onChange(nth(1));
  await director.execute([]);
  await director.checkDrift();
  await director.checkDrift();
  const told = (message: string) => `error ${nth(1)} is not what it should be: ${message}`;
  assert.deepEqual(log.take(), [told('no room')]);
  engine.service = () => Promise.reject(new Error('an answer was lost'));
  await assert.rejects(director.checkDrift());
  engine.service = service;
  refuse('no memory');
  await director.checkDrift();
  assert.deepEqual(log.take(), [told('no memory')]);
  engine.execute = execute;
  await director.checkDrift();
  assert.deepEqual([engine.operations.length, log.take().length], [1, 1]);
});

test('events of checks are told and logged, each at its level', async () => {
  const { log, director, listener } = await bench(many(1));
  const [service, destination] = [nth(1), '10.0.0.1:80' as DestinationKey];
  log.take();
  listener.onEvent({ kind: 'destination', service, destination, state: 'down', text: 'a' });
  listener.onEvent({ kind: 'quorum', service, state: 'down', text: 'b' });
  listener.onEvent({ kind: 'sorry-server', service, destination, state: 'up', text: 'c' });
  listener.onEvent({ kind: 'check-failed', service, destination, text: 'd' });
  listener.onEvent({ kind: 'hung-check', service, destination, text: 'e' });
  listener.onEvent({ kind: 'destination', service, destination, state: 'up', text: 'f' });
  assert.deepEqual(log.take(), ['warn a', 'warn b', 'warn c', 'info d', 'warn e', 'info f']);
  assert.deepEqual(
    director.events(1).map(({ kind, text, state }) => [kind, text, state]),
    [
      ['destination', 'a', 'down'],
      ['quorum', 'b', 'down'],
      ['sorry-server', 'c', 'up'],
      ['hung-check', 'e', undefined],
      ['destination', 'f', 'up'],
    ],
  );
});

test('what checks find after the end changes nothing', async () => {
  const { engine, listener, out, director } = await bench(many(1));
  await director.close(0);
  out.add(nth(1));
  listener.onChange(nth(1));
  await director.execute([]);
  assert.deepEqual(engine.operations, []);
});
