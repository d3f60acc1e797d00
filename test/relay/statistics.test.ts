import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Counters } from '../../src/model/statistics.ts';
import { eventually } from './fixture/eventually.ts';
import { RelayBench } from './fixture/relay-bench.ts';
import { TcpClient } from './fixture/tcp-client.ts';
import { startTcpServer, startTcpServers } from './fixture/tcp-server.ts';

const timeout = 30_000;
const ZERO: Counters = { connections: 0n, inPackets: 0n, outPackets: 0n, inBytes: 0n, outBytes: 0n };

describe('statistics', { concurrency: true }, () => {
  test('count payload bytes in both directions, by destination and service', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b]);
    for (const bytes of [1000, 30]) {
      const client = await TcpClient.connect(t, id);
      await client.name();
      await client.echo('x'.repeat(bytes));
      await client.finish();
    }
    // Each server greets with its name and a line feed.
    const counted = async (server: typeof a) => {
      const { connections, inBytes, outBytes } = (await bench.destination(id, server)).statistics.counters;
      return [connections, inBytes, outBytes];
    };
    assert.deepEqual(await counted(a), [1n, 1000n, 1002n]);
    assert.deepEqual(await counted(b), [1n, 30n, 32n]);
    const { counters } = (await bench.service(id)).statistics;
    assert.deepEqual([counters.connections, counters.inBytes, counters.outBytes], [2n, 1030n, 1034n]);
    assert.ok(counters.inPackets >= 2n && counters.outPackets >= 4n);
  });

  test('start again from 0 on demand, of one service or of all; connections stay counted', {
    timeout,
  }, async (t) => {
    const bench = await RelayBench.start(t);
    const server = await startTcpServer(t, 'a');
    const [one, other] = [await bench.serve(t, [server]), await bench.serve(t, [server])];
    const clients = await Promise.all([one, other].map((id) => TcpClient.connect(t, id)));
    await Promise.all(clients.map((client) => client.name()));
    await bench.done({ kind: 'zero', service: one });
    assert.deepEqual((await bench.service(one)).statistics.counters, ZERO);
    assert.deepEqual((await bench.destination(one, server)).statistics.counters, ZERO);
    assert.equal((await bench.service(other)).statistics.counters.connections, 1n);
    await bench.done({ kind: 'zero' });
    assert.deepEqual((await bench.service(other)).statistics.counters, ZERO);
    assert.deepEqual(await bench.counts(one, server), [1, 0]);
    await clients[0]?.echo('12345');
    const { inBytes, outBytes } = (await bench.service(one)).statistics.counters;
    assert.deepEqual([inBytes, outBytes], [5n, 5n]);
  });

  test('rates rise with traffic and sink without it', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const server = await startTcpServer(t, 'a');
    const id = await bench.serve(t, [server]);
    const rates = async () => (await bench.service(id)).statistics.rates;
    assert.equal((await rates()).inBytes, 0n);
    const client = await TcpClient.connect(t, id);
    await client.name();
    let talking = true;
    const talk = (async () => {
      for (let round = 0; talking; round++) {
        await client.echo(`${round}:${'x'.repeat(1000)};`);
        await sleep(20);
      }
    })();
    await eventually('the rates rose', async () => (await rates()).inBytes > 2000n, 8000);
    talking = false;
    await talk;
    const { inBytes, outBytes, inPackets } = await rates();
    assert.ok(inBytes > 0n && outBytes > 0n && inPackets > 0n);
    await eventually('the rates sink', async () => (await rates()).inBytes < (inBytes * 3n) / 4n, 9000);
  });
});
