import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DrainRequest } from '../../src/api/operated-director.ts';
import type { DirectorState } from '../../src/director/director-state.ts';
import { NO_STATE } from '../../src/director/director-state.ts';
import type { StateKeeper } from '../../src/director/state-file.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { sampleCheck, sampleServiceMonitoring } from '../../src/health/testing/sample-monitoring.ts';
import type { DestinationMonitoring, ServiceMonitoring } from '../../src/model/monitoring.ts';
import type { Operation } from '../../src/model/operation.ts';
import { type Service, type ServiceId, serviceKey } from '../../src/model/service.ts';
import { DEFAULT_TIMEOUTS } from '../../src/model/table.ts';
import type { Weight } from '../../src/model/unit.ts';
import { destinationOn, ip, settings } from '../engine/sample-table.ts';
import { type Watched, WatchedDirector } from './watched-director.ts';

const [A, B] = ['127.0.0.2:80', '127.0.0.3:80'] as const;
const SORRY = destinationOn('127.0.0.9', { weight: 7 as Weight });

/** What a director does with the health of servers and with drains, on every engine. `id` is of a service that the engine can have. */
export function operationConformance(name: string, open: () => Promise<Engine>, id: ServiceId): void {
  const key = serviceKey(id);
  const web: Service = {
    id,
    ...settings(),
    destinations: [destinationOn('127.0.0.3', { weight: 2 as Weight }), destinationOn('127.0.0.2')],
  };
  const watched = (
    service: Partial<ServiceMonitoring> = {},
    destination: Partial<DestinationMonitoring> = {},
  ): Watched => ({
    table: { services: [web], timeouts: DEFAULT_TIMEOUTS },
    monitoring: new Map([[key, sampleServiceMonitoring(web, service, destination)]]),
  });
  const on = (
    what: string,
    configured: Watched,
    use: (bench: WatchedDirector) => Promise<void>,
    state?: StateKeeper,
  ) =>
    test(what, async () => {
      const bench = await WatchedDirector.start(await open(), configured, state);
      try {
        await use(bench);
      } finally {
        await bench.close();
      }
    });
  const weigh = (address: string, weight: number): Operation => ({
    kind: 'edit-destination',
    service: id,
    destination: destinationOn(address, { weight: weight as Weight }),
  });

  describe(`health and drains on ${name}`, () => {
    on(
      'a server that fails leaves, and an unchanged configuration does not bring it back',
      watched(),
      async (bench) => {
        const { director, log } = bench;
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
        await bench.down(A);
        assert.deepEqual(await bench.weights(id), [`${B} 2`]);
        const [found, ...others] = log.take();
        assert.match(found ?? '', /^warn .* -> 127\.0\.0\.2:80 is down: .*connection refused$/);
        assert.deepEqual(others, [`info removed ${key} -> ${A}: method masquerade, weight 1`]);
        assert.deepEqual(await director.plan(bench.configured.table), []);
        assert.deepEqual(await director.apply(bench.configured.table), []);
        assert.deepEqual((await director.reload()).changes, []);
        log.take();
        await director.checkDrift();
        assert.deepEqual([log.take(), director.drift()], [[], []]);
        const saved = await director.wanted();
        assert.deepEqual(saved.services, [web]);
        assert.deepEqual(await director.plan(saved), []);
        await bench.down();
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
      },
    );

    on(
      'one that is to stay gets weight 0, and its connections end where that is asked for',
      watched(
        {},
        {
          inhibitOnFailure: true,
          connectionsOnFailure: 'purge',
        },
      ),
      async (bench) => {
        await bench.down(A);
        assert.deepEqual(await bench.weights(id), [`${A} 0`, `${B} 2`]);
        assert.deepEqual(bench.engine.purged, [`${key} -> ${A}`]);
        const [health] = await bench.director.health();
        assert.deepEqual(
          health?.destinations.map(({ destination, weight, reason }) => [destination, weight, reason]),
          [
            [B, 2, undefined],
            [A, 0, 'down'],
          ],
        );
        await bench.down();
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
        assert.equal(bench.engine.purged.length, 1);
      },
    );

    on(
      'without its quorum a service has its sorry server',
      watched({
        quorum: 2,
        sorryServer: { destination: SORRY, inhibit: false },
      }),
      async (bench) => {
        await bench.down(B);
        assert.deepEqual(await bench.weights(id), ['127.0.0.9:80 7']);
        assert.deepEqual(await bench.director.plan(bench.configured.table), []);
        assert.deepEqual(
          bench.director.events(0).flatMap((event) => (event.state ? [[event.kind, event.state]] : [])),
          [
            ['destination', 'down'],
            ['quorum', 'down'],
            ['sorry-server', 'up'],
          ],
        );
        await bench.down();
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
      },
    );

    on(
      'servers that have to pass a check first start out, also at a reload',
      watched(
        {},
        {
          checks: [sampleCheck({ alpha: true })],
        },
      ),
      async (bench) => {
        assert.deepEqual(await bench.weights(id), []);
        await bench.down(A);
        assert.deepEqual(await bench.weights(id), [`${B} 2`]);
        const third = destinationOn('127.0.0.4');
        const more = { ...web, destinations: [third, ...web.destinations] };
        const monitored = sampleServiceMonitoring(more, {}, { checks: [sampleCheck({ alpha: true })] });
        bench.configured = {
          table: { services: [more], timeouts: DEFAULT_TIMEOUTS },
          monitoring: new Map([[key, monitored]]),
        };
        bench.engine.executed.length = 0;
        await bench.director.reload();
        assert.deepEqual(bench.engine.executed, [], 'it is not there even for a moment');
        await bench.down(A);
        assert.deepEqual(await bench.weights(id), [`${B} 2`, '127.0.0.4:80 1']);
      },
    );

    on(
      'only the server that a check concerns is touched: what others made of the rest stays',
      watched(),
      async (bench) => {
        await bench.engine.inner.execute([weigh('127.0.0.3', 0)]);
        bench.engine.executed.length = 0;
        bench.engine.snapshots = 0;
        bench.script(A);
        await bench.clock.advance(10_000);
        await bench.director.checkDrift();
        assert.equal(bench.engine.snapshots, 1, 'that of the look for drift');
        assert.deepEqual(bench.engine.executed, [
          { kind: 'delete-destination', service: id, destination: { address: ip('127.0.0.2'), port: 80 } },
        ]);
        assert.deepEqual(await bench.weights(id), [`${B} 0`]);
        assert.deepEqual(
          bench.director.drift().map(({ destination }) => destination),
          [B],
        );
      },
    );

    on(
      'what an operator does to a server that is down holds when it comes back',
      watched(),
      async (bench) => {
        await bench.down(A);
        assert.deepEqual(await bench.director.execute([weigh('127.0.0.2', 5)]), [undefined]);
        assert.deepEqual(await bench.weights(id), [`${B} 2`]);
        await bench.down();
        assert.deepEqual(await bench.weights(id), [`${A} 5`, `${B} 2`]);
        await bench.down(A);
        const gone: Operation = {
          kind: 'delete-destination',
          service: id,
          destination: { address: ip('127.0.0.2'), port: destinationOn('127.0.0.2').port },
        };
        assert.deepEqual(await bench.director.execute([gone]), [undefined]);
        assert.equal((await bench.director.execute([gone]))[0]?.code, 'DESTINATION_NOT_FOUND');
        await bench.down();
        assert.deepEqual(await bench.weights(id), [`${B} 2`]);
        await bench.director.execute([
          { kind: 'add-destination', service: id, destination: destinationOn('127.0.0.2') },
        ]);
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
      },
    );

    on('what the engine refuses of a change of health is tried again', watched(), async (bench) => {
      bench.engine.refusesIn = 0;
      await bench.down(A);
      assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
      assert.match(bench.log.take().join('\n'), /error .* is not what it should be: not this one/);
      await bench.director.checkDrift();
      assert.deepEqual(await bench.weights(id), [`${B} 2`]);
    });

    on(
      'a drained server gets no connections, counts as alive, and stays so over a reload',
      watched({
        quorum: 3,
        sorryServer: { destination: SORRY, inhibit: false },
      }),
      async (bench) => {
        const { director } = bench;
        const [status] = await director.drain(drainOf('127.0.0.2', 'leave'));
        assert.deepEqual([status?.destination, status?.state], [A, 'draining']);
        assert.deepEqual(await bench.weights(id), [`${A} 0`, `${B} 2`]);
        assert.deepEqual(await director.plan(bench.configured.table), []);
        await director.reload();
        await bench.pass(1000);
        assert.deepEqual(await bench.weights(id), [`${A} 0`, `${B} 2`]);
        assert.equal((await director.drains())[0]?.state, 'drained');
        const [health] = await director.health();
        assert.deepEqual([health?.quorum.state, health?.quorum.alive], ['up', 3]);
        assert.deepEqual(
          health?.destinations.map(({ reason }) => reason),
          [undefined, 'draining', 'not needed'],
        );
        assert.deepEqual((await director.wanted()).services, [web]);
        await director.restore({ address: ip('127.0.0.2') });
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
        assert.deepEqual(await director.drains(), []);
        await assert.rejects(director.restore({ address: ip('127.0.0.2') }), {
          code: 'DESTINATION_NOT_FOUND',
        });
        await assert.rejects(director.drain(drainOf('127.0.0.99', 'leave')), {
          code: 'DESTINATION_NOT_FOUND',
        });
      },
    );

    on(
      'one that is to go goes when it has no connection any more, and comes back when it is restored and well',
      watched(),
      async (bench) => {
        const { director } = bench;
        await director.drain(drainOf('127.0.0.2', 'remove', 60));
        await bench.pass(1000);
        assert.deepEqual(await bench.weights(id), [`${B} 2`]);
        assert.deepEqual(bench.engine.purged, [`${key} -> ${A}`], 'its templates lead nowhere');
        await director.apply(bench.configured.table);
        assert.deepEqual(await bench.weights(id), [`${B} 2`]);
        await bench.down(A);
        await director.restore({ address: ip('127.0.0.2'), service: key });
        assert.deepEqual(await bench.weights(id), [`${B} 2`]);
        await bench.down();
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
      },
    );

    on(
      "servers of services that are not the director's are drained and restored, too",
      {
        table: { services: [], timeouts: DEFAULT_TIMEOUTS },
        monitoring: new Map(),
      },
      async (bench) => {
        const { director } = bench;
        const { destinations, ...rest } = web;
        await director.execute([
          { kind: 'add-service', service: id, settings: rest },
          ...destinations.map(
            (destination): Operation => ({ kind: 'add-destination', service: id, destination }),
          ),
        ]);
        for (const [after, then] of [
          [[`${A} 1`, `${B} 0`], 'leave'],
          [[`${A} 1`], 'remove'],
        ] as const) {
          await director.drain(drainOf('127.0.0.3', then));
          await bench.pass(1000);
          assert.deepEqual(await bench.weights(id), after);
          assert.deepEqual(
            (await director.wanted()).services[0]?.destinations.map(({ weight }) => weight).sort(),
            [1, 2],
          );
          await director.restore({ address: ip('127.0.0.3') });
          assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
        }
      },
    );

    test('drains and ownership outlive the director', async () => {
      const state = new Remembered();
      const first = await WatchedDirector.start(await open(), watched(), state);
      await first.director.drain(drainOf('127.0.0.2', 'leave'));
      await first.close();
      const engine = await open();
      // As the kernel's table stays, where it is the kernel's.
      const { destinations: _, ...rest } = web;
      await engine.execute([{ kind: 'add-service', service: id, settings: rest }]);
      const second = await WatchedDirector.start(engine, watched(), state);
      assert.deepEqual(await second.weights(id), [`${A} 0`, `${B} 2`]);
      await second.director.restore({ address: ip('127.0.0.2') });
      await second.close();
      assert.deepEqual(state.state.drains, []);
      const other = await open();
      await other.execute([{ kind: 'add-service', service: id, settings: rest }]);
      const third = await WatchedDirector.start(
        other,
        { table: { services: [], timeouts: DEFAULT_TIMEOUTS }, monitoring: new Map() },
        state,
      );
      assert.equal(await third.engine.service(id), undefined);
      await third.close();
    });

    on(
      'health that changes all the time while configurations are applied leaves the table as it is to be',
      watched(
        {},
        {
          inhibitOnFailure: true,
        },
      ),
      async (bench) => {
        const heavy = {
          ...web,
          destinations: web.destinations.map((each) => ({ ...each, weight: 9 as Weight })),
        };
        const short = { ...web, destinations: web.destinations.slice(0, 1) };
        const monitoring = bench.configured.monitoring;
        const tables = [web, heavy, short].map((service) => ({
          services: [service],
          timeouts: DEFAULT_TIMEOUTS,
        }));
        const reloads: Promise<unknown>[] = [];
        for (let round = 0; round < 30; round++) {
          const table = tables[round % 3];
          assert.ok(table !== undefined);
          bench.configured = { table, monitoring };
          bench.script(...(round % 2 === 0 ? [A] : round % 5 === 0 ? [A, B] : [B]));
          reloads.push(bench.director.reload());
          await bench.clock.advance(5000);
        }
        await Promise.all(reloads);
        await bench.down(B);
        assert.deepEqual(await bench.weights(id), [`${B} 0`]);
        bench.configured = { table: tables[0] ?? bench.configured.table, monitoring };
        await bench.director.reload();
        await bench.down();
        assert.deepEqual(await bench.weights(id), [`${A} 1`, `${B} 2`]);
        assert.deepEqual(await bench.director.plan(bench.configured.table), []);
      },
    );
  });
}

function drainOf(address: string, then: DrainRequest['then'], deadline?: number): DrainRequest {
  return { address: ip(address), then, ...(deadline !== undefined && { deadline }) };
}

class Remembered implements StateKeeper {
  state: DirectorState = NO_STATE;

  read(): DirectorState {
    return this.state;
  }

  write(state: DirectorState): void {
    this.state = state;
  }
}
