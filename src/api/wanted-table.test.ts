import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { destinationOn, serviceOn, settings } from '../../test/engine/sample-table.ts';
import { tableArbitrary } from '../../test/engine/table-arbitrary.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { ViprError } from '../model/error.ts';
import { DEFAULT_TIMEOUTS } from '../model/table.ts';
import { DirectorClient } from './client.ts';
import { FakeEngine } from './fake-engine.ts';
import { ROUTES, type TableChange, type WantedTable } from './protocol.ts';
import { RunningApi } from './running-api.ts';

const ID = serviceOn('192.0.2.10');
const CHANGES: readonly TableChange[] = [
  { action: 'change', fields: [{ field: 'udp', before: '300 s', after: '60 s' }] },
];

describe('a whole table over the socket', () => {
  test('arrives as it was sent, to be planned and to be applied', async () => {
    const seen: WantedTable[] = [];
    const take = async (wanted: WantedTable) => {
      seen.push(wanted);
      return CHANGES;
    };
    const api = await RunningApi.start(new FakeEngine(), { plan: take, apply: take });
    const client = new DirectorClient(api.socketPath);
    try {
      await fc.assert(
        fc.asyncProperty(tableArbitrary(), fc.boolean(), async (table, prune) => {
          seen.length = 0;
          assert.deepEqual(await client.plan(table), CHANGES);
          assert.deepEqual(await client.apply({ ...table, prune }), CHANGES);
          assert.deepEqual(seen, [table, { ...table, prune }]);
        }),
        { numRuns: 30 },
      );
    } finally {
      await client.close();
      await api.close();
    }
  });

  test('may be a snapshot', async () => {
    const engine = new MemoryEngine();
    await engine.execute([
      { kind: 'add-service', service: ID, settings: settings() },
      { kind: 'add-destination', service: ID, destination: destinationOn('10.0.0.1') },
    ]);
    const seen: WantedTable[] = [];
    const api = await RunningApi.start(engine, {
      plan: async (wanted) => {
        seen.push(wanted);
        return [];
      },
    });
    const client = new DirectorClient(api.socketPath);
    try {
      await client.plan(await client.snapshot());
      const services = [{ id: ID, ...settings(), destinations: [destinationOn('10.0.0.1')] }];
      assert.deepEqual(seen, [{ services, timeouts: DEFAULT_TIMEOUTS }]);
    } finally {
      await client.close();
      await api.close();
    }
  });

  test('is refused where it names something twice, or lacks something', async () => {
    const api = await RunningApi.start(new FakeEngine());
    const twice = {
      id: ID,
      ...settings(),
      destinations: [destinationOn('10.0.0.1'), destinationOn('10.0.0.1')],
    };
    try {
      for (const [body, path] of [
        [{ services: [twice], timeouts: DEFAULT_TIMEOUTS }, 'services[0].destinations[1]'],
        [
          {
            services: [twice, twice].map((each) => ({ ...each, destinations: [] })),
            timeouts: DEFAULT_TIMEOUTS,
          },
          'services[1]',
        ],
        [{ services: [] }, 'timeouts'],
      ] as const) {
        const { status, body: answer } = await api.send('POST', ROUTES.apply.path, JSON.stringify(body));
        assert.equal(status, 400);
        assert.equal(JSON.parse(answer).fields[0].path, path);
      }
    } finally {
      await api.close();
    }
  });

  test('that is refused is an error of the client, and none of the director', async () => {
    const refusal = new ViprError('APPLY_REFUSED', 'Step 1 of 1 was refused', { hint: 'Try again.' });
    const api = await RunningApi.start(new FakeEngine(), {
      apply: () => Promise.reject(refusal),
      reload: () => Promise.reject(refusal),
    });
    const client = new DirectorClient(api.socketPath);
    const expected = { code: 'APPLY_REFUSED', message: 'Step 1 of 1 was refused', hint: 'Try again.' };
    try {
      await assert.rejects(client.apply({ services: [], timeouts: DEFAULT_TIMEOUTS }), expected);
      await assert.rejects(client.reload(), expected);
      assert.equal((await api.send('POST', ROUTES.reload.path)).status, 409);
      assert.equal((await api.send('POST', ROUTES.reload.path, '{"force":true}')).status, 400);
      assert.deepEqual(api.failures, []);
    } finally {
      await client.close();
      await api.close();
    }
  });
});
