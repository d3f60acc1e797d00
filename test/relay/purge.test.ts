/** What ends with the connections of a server that failed and stays in the table with weight 0. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Seconds, Weight } from '../../src/model/unit.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { destinationFor, edition, RelayBench } from './fixture/relay-bench.ts';
import { namesInTurn, TcpClient } from './fixture/tcp-client.ts';
import { startTcpServers } from './fixture/tcp-server.ts';
import { UdpClient } from './fixture/udp-client.ts';
import { startUdpServers } from './fixture/udp-server.ts';

const timeout = 20_000;
const persistent = { persistenceTimeout: 300 as Seconds };
const quiesced = { weight: 0 as Weight };

describe('purging', () => {
  const bench = RelayBench.shared();

  test('resets the connections of one server, and leaves those of others', { timeout }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b]);
    const clients = [await TcpClient.connect(t, id), await TcpClient.connect(t, id)];
    assert.deepEqual(await Promise.all(clients.map((client) => client.name())), ['a', 'b']);
    await bench.done(edition(id, a, quiesced));
    assert.equal(await bench.engine.purgeConnections(id, destinationFor(a)), 1);
    assert.equal(await clients[0]?.outcome, 'ECONNRESET');
    await clients[1]?.echo('alive');
    await eventuallyEqual(() => a.sockets.size, 0);
    assert.equal(await bench.engine.purgeConnections(id, destinationFor(a)), 0);
  });

  test('persistent clients find another server, by TCP', { timeout }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { service: persistent });
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.61'), 'aa');
    await bench.done(edition(id, a, quiesced));
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.61'), 'a');
    await bench.engine.purgeConnections(id, destinationFor(a));
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.61'), 'bb');
  });

  test('persistent clients find another server, by UDP and from the same port', { timeout }, async (t) => {
    const [a, b] = await startUdpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { protocol: 'udp', service: persistent });
    const client = await UdpClient.open(t, id);
    const first = await client.ask('who');
    await bench.done(edition(id, a, quiesced));
    assert.equal(await client.ask('who'), first);
    assert.equal(await bench.engine.purgeConnections(id, destinationFor(a)), 1);
    // The flow ends in its own time: until then datagrams are still its.
    await eventuallyEqual(async () => (await bench.counts(id, a))[1], 0);
    assert.notEqual(await client.ask('who'), first);
  });
});
