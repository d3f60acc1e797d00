import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { ServiceId } from '../../src/model/service.ts';
import type { Weight } from '../../src/model/unit.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { edition, RelayBench } from './fixture/relay-bench.ts';
import { namesInTurn, TcpClient } from './fixture/tcp-client.ts';
import { startTcpServers } from './fixture/tcp-server.ts';
import { udpNamesInTurn } from './fixture/udp-client.ts';
import { startUdpServers } from './fixture/udp-server.ts';

const timeout = 20_000;

describe('thresholds', () => {
  const bench = RelayBench.shared({ workers: 4 });

  test('upper admits exactly as many connections, however many ask at once', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const [a, b] = servers;
    assert.ok(a && b);
    const id = await bench.serve(t, servers);
    await bench.done(edition(id, a, { upperThreshold: 7 }));
    const clients = await Promise.all(Array.from({ length: 60 }, () => TcpClient.connect(t, id)));
    const names = await Promise.all(clients.map((client) => client.name()));
    assert.equal(names.filter((name) => name === 'a').length, 7);
    assert.deepEqual(await bench.counts(id, a), [7, 0]);
    assert.deepEqual(await bench.counts(id, b), [53, 0]);
  });

  test('with everybody full the next client is reset, at once', { timeout }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    assert.ok(a);
    const id = await bench.serve(t, [a], { destination: { upperThreshold: 2 } });
    await hold(t, id, 2);
    assert.equal(await lateComer(t, id), 'ECONNRESET');
    assert.equal(await lateComer(t, id), 'ECONNRESET');
    assert.deepEqual(await bench.counts(id, a), [2, 0]);
  });

  test('raising the upper threshold lets clients in again', { timeout }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    assert.ok(a);
    const id = await bench.serve(t, [a], { destination: { upperThreshold: 1 } });
    await hold(t, id, 1);
    assert.equal(await lateComer(t, id), 'ECONNRESET');
    await bench.done(edition(id, a, { upperThreshold: 2 }));
    await hold(t, id, 1);
    assert.equal(await lateComer(t, id), 'ECONNRESET');
    await bench.done(edition(id, a, { upperThreshold: 0 }));
    await hold(t, id, 5);
  });

  test('lower lets clients in again once there are fewer connections; inactive ones count', {
    timeout,
  }, async (t) => {
    // UDP flows of one second come and go by themselves.
    await bench.setTimeouts(0, 0, 1);
    const [a, b] = await startUdpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { protocol: 'udp' });
    await bench.done(edition(id, a, { upperThreshold: 3, lowerThreshold: 1 }));
    assert.equal(await udpNamesInTurn(t, id, 9), 'ababab'.concat('bbb'));
    assert.deepEqual(await bench.counts(id, a), [0, 3]);
    await eventuallyEqual(() => bench.counts(id, a), [0, 0]);
    assert.equal(await udpNamesInTurn(t, id, 2), 'ab');
  });

  test('weight 0 quiesces: what is established goes on, what is new goes elsewhere', {
    timeout,
  }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const [a, b] = servers;
    assert.ok(a && b);
    const id = await bench.serve(t, servers);
    const [first, second] = await hold(t, id, 2);
    assert.ok(first && second);
    const held = (await first.name()) === 'a' ? first : second;
    await bench.done(edition(id, a, { weight: 0 as Weight }));
    assert.equal(await namesInTurn(t, id, 6), 'bbbbbb');
    await held.echo('still here');
    assert.deepEqual(await bench.counts(id, a), [1, 0]);
    await bench.done(edition(id, a, { weight: 1 as Weight }));
    assert.match(await namesInTurn(t, id, 4), /^(abab|baba)$/);
    assert.equal(await held.finish(), 'end');
  });

  test('with every server quiesced a client is reset', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const id = await bench.serve(t, servers, { destination: { weight: 0 as Weight } });
    assert.equal(await lateComer(t, id), 'ECONNRESET');
  });

  async function hold(t: TestContext, id: ServiceId, count: number): Promise<TcpClient[]> {
    const clients = await Promise.all(Array.from({ length: count }, () => TcpClient.connect(t, id)));
    await Promise.all(clients.map((client) => client.name()));
    return clients;
  }

  /** How a further client fares, which must show within a second. */
  async function lateComer(t: TestContext, id: ServiceId): Promise<string> {
    const from = performance.now();
    try {
      const client = await TcpClient.connect(t, id);
      return await client.outcome;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    } finally {
      assert.ok(performance.now() - from < 1000);
    }
  }
});
