import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, ip, serviceOn, settings } from '../../test/engine/sample-table.ts';
import type { DrainRequest } from '../api/operated-director.ts';
import type { OperationOutcome, ServiceLookup } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { VirtualClock } from '../health/testing/virtual-clock.ts';
import type { DestinationId } from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceId, serviceKey } from '../model/service.ts';
import { serviceSettings } from '../model/settings.ts';
import { DEFAULT_TIMEOUTS, type ServiceStatus, type TableSnapshot } from '../model/table.ts';
import type { Port } from '../model/unit.ts';
import { Director } from './director.ts';
import { RecordedLog } from './recorded-log.ts';

const WEB = serviceOn('192.0.2.10');
const DNS = serviceOn('192.0.2.10', 53, 'udp');
const TABLE = { services: [serviceOf(WEB), serviceOf(DNS)], timeouts: DEFAULT_TIMEOUTS };
const NAME = `${serviceKey(WEB)} -> 10.0.0.1:80`;

/** Its destinations have as many connections as a test says, until they are purged. */
class BusyEngine extends MemoryEngine {
  active = 0;
  inactive = 0;
  refuses: ViprError | undefined;
  readonly purged: string[] = [];

  override async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    return this.refuses === undefined ? super.execute(operations) : operations.map(() => this.refuses);
  }

  override async service(id: ServiceId): Promise<ServiceLookup> {
    const found = await super.service(id);
    return found && this.#busy(found);
  }

  override async snapshot(): Promise<TableSnapshot> {
    const table = await super.snapshot();
    return { ...table, services: table.services.map((service) => this.#busy(service)) };
  }

  override async purgeConnections(service?: ServiceId, destination?: DestinationId): Promise<number> {
    this.purged.push(`${service && serviceKey(service)} -> ${destination?.address}`);
    return this.active + this.inactive;
  }

  #busy(service: ServiceStatus): ServiceStatus {
    const counts = { activeConnections: this.active, inactiveConnections: this.inactive };
    return { ...service, destinations: service.destinations.map((each) => ({ ...each, ...counts })) };
  }
}

async function bench() {
  const [engine, clock, log] = [new BusyEngine(), new VirtualClock(), new RecordedLog()];
  let jump = 0;
  const director = new Director(
    { engineReason: 'a test', version: '1.2.3' },
    {
      engine,
      logger: log.logger,
      now: clock.now,
      wallClock: () => clock.time + jump,
      timers: clock,
    },
  );
  await director.start(TABLE);
  log.take();
  const weights = async (id = WEB) => {
    return (await engine.service(id))?.destinations.map((each) => each.weight);
  };
  const pass = async (milliseconds: number) => {
    await clock.advance(milliseconds);
    await director.wanted();
    return (await director.drains()).map(({ state, activeConnections, inactiveConnections }) => {
      return `${state} ${activeConnections}+${inactiveConnections}`;
    });
  };
  const setClock = (milliseconds: number) => {
    jump = milliseconds;
  };
  return { engine, director, log, clock, weights, pass, setClock };
}

describe('a drain', () => {
  test('follows the connections every second, and ends when there is none', async () => {
    const { engine, director, log, pass, weights, clock } = await bench();
    engine.active = 3;
    engine.inactive = 2;
    await director.drain(request('leave', { service: serviceKey(WEB) }));
    assert.deepEqual(
      [await weights(WEB), await weights(DNS)],
      [
        [1, 0],
        [1, 1],
      ],
    );
    engine.active = 1;
    assert.deepEqual(await pass(999), ['draining 3+2']);
    assert.deepEqual(await pass(1), ['draining 1+2']);
    [engine.active, engine.inactive] = [0, 0];
    assert.deepEqual(await pass(1000), ['drained 0+0']);
    assert.deepEqual(log.take(), [
      `info changed ${NAME}: weight 1 -> 0`,
      `info ${NAME} is being drained: connections 5`,
      `info ${NAME} has no connection any more`,
    ]);
    assert.deepEqual([clock.waiting, await weights()], [0, [1, 0]], 'nobody looks any more');
    assert.deepEqual(
      director.events(0).map(({ kind, text }) => [kind, text]),
      [
        ['started', 'started: services 2'],
        ['drain', `${NAME} is being drained: connections 5`],
        ['drain', `${NAME} has no connection any more`],
      ],
    );
  });

  test("that the engine refuses is none, and leaves a service that is nobody's as it was", async () => {
    const { engine, director, weights } = await bench();
    const OTHER = serviceOn('192.0.2.99');
    const added = serviceOf(OTHER);
    await engine.execute([
      { kind: 'add-service', service: OTHER, settings: serviceSettings(added) },
      ...added.destinations.map((destination) => {
        return { kind: 'add-destination', service: OTHER, destination } as const;
      }),
    ]);
    engine.refuses = new ViprError('ENGINE_FAILED', 'the engine is out of order');
    await assert.rejects(director.drain(request('leave', { service: serviceKey(OTHER) })), {
      code: 'ENGINE_FAILED',
    });
    engine.refuses = undefined;
    assert.deepEqual([await director.drains(), await weights(OTHER)], [[], [1, 1]]);
  });

  test('that is out of time ends what is left', async () => {
    const { engine, director, log, pass, weights } = await bench();
    engine.active = 4;
    await director.drain(request('remove', { service: serviceKey(WEB), deadline: 3 }));
    assert.deepEqual(await pass(2000), ['draining 4+0']);
    assert.deepEqual(engine.purged, []);
    assert.deepEqual(await pass(1000), ['expired 0+0']);
    assert.deepEqual([engine.purged, await weights()], [[`${serviceKey(WEB)} -> 10.0.0.1`], [1]]);
    assert.equal(log.take().at(-1), `info ${NAME} is out of time: connections ended 4, and goes`);
    const [status] = await director.restore({ address: ip('10.0.0.1') });
    assert.deepEqual([status?.state, await weights()], ['expired', [1, 1]]);
  });

  test('ends with the next look where the engine could not be asked', async () => {
    const { engine, director, pass, weights } = await bench();
    engine.active = 1;
    await director.drain(request('remove', { service: serviceKey(WEB) }));
    engine.active = 0;
    const { execute } = engine;
    engine.execute = () => Promise.reject(new Error('an answer was lost'));
    assert.deepEqual(await pass(1000), ['draining 0+0']);
    engine.execute = execute;
    assert.deepEqual(await pass(1000), ['drained 0+0']);
    assert.deepEqual([engine.purged, await weights()], [[`${serviceKey(WEB)} -> 10.0.0.1`], [1]]);
  });

  test('has the time that it was given, whatever becomes of the clock', async () => {
    const { engine, director, pass, setClock } = await bench();
    engine.active = 1;
    await director.drain(request('leave', { service: serviceKey(WEB), deadline: 10 }));
    setClock(86_400_000);
    assert.deepEqual(await pass(9000), ['draining 1+0']);
    assert.deepEqual(await pass(1000), ['expired 0+0']);
  });

  test('can be given another end while it runs', async () => {
    const { engine, director, pass } = await bench();
    engine.active = 1;
    await director.drain(request('leave', { service: serviceKey(WEB) }));
    const [before] = await director.drains();
    await pass(5000);
    const [after] = await director.drain(request('remove', { service: serviceKey(WEB), deadline: 60 }));
    assert.deepEqual([before?.startedAt, before?.deadlineAt], [after?.startedAt, undefined]);
    assert.deepEqual(
      [after?.then, Date.parse(after?.deadlineAt ?? '') - Date.parse(after?.startedAt ?? '')],
      ['remove', 65_000],
    );
    assert.equal((await director.drains()).length, 1);
  });

  test('without a service is of all that have the address', async () => {
    const { director, weights } = await bench();
    const statuses = await director.drain(request('leave'));
    assert.deepEqual(
      statuses.map(({ service }) => service),
      [serviceKey(WEB), serviceKey(DNS)],
    );
    assert.deepEqual(
      [await weights(WEB), await weights(DNS)],
      [
        [1, 0],
        [1, 0],
      ],
    );
    await director.restore({ address: ip('10.0.0.1'), service: serviceKey(DNS) });
    assert.deepEqual(
      [await weights(WEB), await weights(DNS)],
      [
        [1, 0],
        [1, 1],
      ],
    );
  });

  test('of two destinations of one service brings both back, each once', async () => {
    const { director, log, pass, weights } = await bench();
    const twoPorts = [destinationOn('10.0.0.1', { port: 81 as Port }), destinationOn('10.0.0.1')];
    await director.apply({ ...TABLE, services: [{ ...serviceOf(WEB), destinations: twoPorts }] });
    await director.drain(request('remove'));
    await pass(1000);
    assert.deepEqual(await weights(), []);
    log.take();
    await director.restore({ address: ip('10.0.0.1') });
    assert.deepEqual(await weights(), [1, 1]);
    assert.equal(
      log.take().filter((line) => /added|not what/.test(line)).length,
      2,
      'and nothing is refused',
    );
  });

  test('ends with its destination', async () => {
    const { director } = await bench();
    await director.drain(request('leave'));
    const [web, dns] = TABLE.services;
    assert.ok(web !== undefined && dns !== undefined);
    await director.apply({
      ...TABLE,
      services: [{ ...web, destinations: web.destinations.slice(0, 1) }, dns],
    });
    assert.deepEqual(
      (await director.drains()).map(({ service }) => service),
      [serviceKey(DNS)],
    );
    await director.apply({ ...TABLE, services: [web] });
    assert.deepEqual(await director.drains(), []);
  });
});

function serviceOf(id: ServiceId): Service {
  return { id, ...settings(), destinations: [destinationOn('10.0.0.2'), destinationOn('10.0.0.1')] };
}

function request(then: DrainRequest['then'], more: Partial<DrainRequest> = {}): DrainRequest {
  return { address: ip('10.0.0.1'), then, ...more };
}
