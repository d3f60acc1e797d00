import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceId, ServiceSettings } from '../../src/model/service.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { RelayBench } from './fixture/relay-bench.ts';
import { namesInTurn, TcpClient } from './fixture/tcp-client.ts';
import { deadServer, startTcpServer, startTcpServers } from './fixture/tcp-server.ts';
import { startUnansweringServer } from './fixture/unanswering-server.ts';

const timeout = 20_000;

describe('servers that do not take a connection', () => {
  const bench = RelayBench.shared({ workers: 4, connectTimeout: 1 });

  for (const [what, changes] of [
    ['a service without destinations', {}],
    ['the scheduler none', { scheduler: 'none' }],
  ] as const satisfies readonly (readonly [string, Partial<ServiceSettings>])[]) {
    test(`${what}: the client is reset at once`, { timeout }, async (t) => {
      const id = await bench.serve(t, changes.scheduler ? await startTcpServers(t, 1) : [], {
        service: changes,
      });
      const from = performance.now();
      assert.equal(await outcomeOf(t, id), 'ECONNRESET');
      assert.ok(performance.now() - from < 1000);
      assert.deepEqual(await bench.states(id), []);
    });
  }

  for (const scheduler of ['rr', 'wlc', 'sh', 'mh', 'lblc']) {
    test(`one that refuses is passed over (${scheduler})`, { timeout }, async (t) => {
      const [b] = await startTcpServers(t, 1);
      assert.ok(b);
      const servers = [await deadServer(t, 'x'), b, await deadServer(t, 'y')];
      const id = await bench.serve(t, servers, { service: { scheduler } });
      assert.equal(await namesInTurn(t, id, 6), 'aaaaaa');
      for (const server of servers) {
        await eventuallyEqual(async () => (await bench.counts(id, server))[0], 0);
      }
    });
  }

  test('one of IPv6 that refuses is passed over', { timeout }, async (t) => {
    const [a] = await startTcpServers(t, 1, '::1');
    assert.ok(a);
    const id = await bench.serve(t, [await deadServer(t, 'x', '::1'), a], { inet6: true });
    assert.equal(await namesInTurn(t, id, 3), 'aaa');
  });

  test('with all of them refusing the client is reset; nothing stays active', { timeout }, async (t) => {
    const servers = await Promise.all(['x', 'y', 'z'].map((name) => deadServer(t, name)));
    const id = await bench.serve(t, servers);
    const from = performance.now();
    assert.equal(await outcomeOf(t, id), 'ECONNRESET');
    assert.ok(performance.now() - from < 1000);
    await eventuallyEqual(() => bench.states(id), ['CLOSE']);
    for (const server of servers) assert.equal((await bench.counts(id, server))[0], 0);
  });

  test('one that leaves the SYN unanswered is passed over after the connect timeout', {
    timeout,
  }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    assert.ok(a);
    const silent = await startUnansweringServer(t, 'x');
    const id = await bench.serve(t, [silent, a]);
    const clients = await Promise.all(Array.from({ length: 20 }, () => TcpClient.connect(t, id)));
    const from = performance.now();
    const names = await Promise.all(clients.map((client) => client.name()));
    assert.deepEqual(new Set(names), new Set(['a']));
    assert.ok(performance.now() - from < 5000);
    await eventuallyEqual(() => bench.counts(id, silent), [0, 0]);
    await eventuallyEqual(() => bench.counts(id, a), [20, 0]);
  });

  test('what a client sends before its server is found is not lost', { timeout }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    assert.ok(a);
    const id = await bench.serve(t, [await startUnansweringServer(t, 'x'), a]);
    const client = await TcpClient.connect(t, id);
    client.socket.end('early bytes');
    await client.outcome;
    assert.equal(client.received, 'a\nearly bytes');
  });

  test('one that accepts and dies in the middle: its client is reset, the others go on', {
    timeout,
  }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    const b = await startTcpServer(t, 'b', {
      serve: (socket) => socket.write('b\n'.concat('x'.repeat(1000))),
    });
    assert.ok(a);
    const id = await bench.serve(t, [a, b]);
    const one = await TcpClient.connect(t, id);
    const other = await TcpClient.connect(t, id);
    assert.deepEqual([await one.name(), await other.name()], ['a', 'b']);
    await b.die();
    assert.equal(await other.outcome, 'ECONNRESET');
    await one.echo('alive');
    assert.equal(await namesInTurn(t, id, 3), 'aaa');
  });

  test('a server’s death under load costs no new connection an error', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 3);
    const [, doomed] = servers;
    assert.ok(doomed);
    const id = await bench.serve(t, servers);
    let dying: Promise<void> | undefined;
    let startedAfterDeath = 0;
    const failures: string[] = [];
    const names = new Set<string>();
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 50; round++) {
        const afterDeath = dying !== undefined;
        try {
          const client = await TcpClient.connect(t, id);
          names.add(await client.name());
          await client.echo(`request ${round}`);
          client.socket.resetAndDestroy();
        } catch (error) {
          // A connection that was established when its server died is lost, as it would be without a relay.
          if (afterDeath) failures.push(String(error));
        }
        if (afterDeath) startedAfterDeath++;
      }
    };
    const load = Promise.all(Array.from({ length: 10 }, worker));
    await sleep(50);
    dying = doomed.die();
    await dying;
    await load;
    assert.deepEqual(failures, []);
    assert.ok(startedAfterDeath > 100, `${startedAfterDeath} connections after the death`);
    assert.deepEqual(names, new Set(['a', 'b', 'c']));
  });
});

describe('without retryRefused', () => {
  const bench = RelayBench.shared({ retryRefused: false, connectTimeout: 1 });

  test('the client sees the refusal as a reset', { timeout }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    assert.ok(a);
    const id = await bench.serve(t, [await deadServer(t, 'x'), a]);
    assert.equal(await outcomeOf(t, id), 'ECONNRESET');
    assert.equal(await namesInTurn(t, id, 1), 'a');
    assert.equal(await outcomeOf(t, id), 'ECONNRESET');
  });

  test('a SYN without an answer ends in a reset', { timeout }, async (t) => {
    const id = await bench.serve(t, [await startUnansweringServer(t, 'x')]);
    const from = performance.now();
    assert.equal(await outcomeOf(t, id), 'ECONNRESET');
    const milliseconds = performance.now() - from;
    assert.ok(milliseconds > 900 && milliseconds < 4000, `${milliseconds} ms`);
  });
});

/** How a connection ended that was not let through. */
async function outcomeOf(t: TestContext, id: ServiceId): Promise<string> {
  try {
    const client = await TcpClient.connect(t, id);
    return await client.outcome;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}
