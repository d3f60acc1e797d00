import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDescriptors, settledDescriptors } from './fixture/descriptors.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { RelayBench } from './fixture/relay-bench.ts';
import { TcpClient } from './fixture/tcp-client.ts';
import { startTcpServer } from './fixture/tcp-server.ts';
import { UdpClient } from './fixture/udp-client.ts';
import { startUdpServer, startUdpServers } from './fixture/udp-server.ts';

const timeout = 30_000;
/** A timeout of one second is noticed in the second after the next at the latest. */
const SOON_MS = 4000;

describe('timeouts', { concurrency: true }, () => {
  test('an idle TCP connection is reset after tcp seconds, one that talks is not', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    await bench.setTimeouts(1, 0, 0);
    const server = await startTcpServer(t, 'a');
    const id = await bench.serve(t, [server]);
    const idle = await TcpClient.connect(t, id);
    const talker = await TcpClient.connect(t, id);
    await Promise.all([idle.name(), talker.name()]);
    const from = performance.now();
    const ended = idle.outcome.then((code) => [code, performance.now() - from] as const);
    for (let round = 0; round < 16; round++) {
      await talker.echo(`${round};`);
      await sleep(250);
    }
    const [code, after] = await ended;
    assert.equal(code, 'ECONNRESET');
    assert.ok(after > 900 && after < SOON_MS, `${after} ms`);
    await eventuallyEqual(() => bench.states(id), ['CLOSE', 'ESTABLISHED']);
    assert.deepEqual(await bench.counts(id, server), [1, 1]);
  });

  test('a connection that runs takes a new timeout at its next bytes', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const id = await bench.serve(t, [await startTcpServer(t, 'a')]);
    const [silent, talker] = [await TcpClient.connect(t, id), await TcpClient.connect(t, id)];
    await Promise.all([silent.name(), talker.name()]);
    await sleep(200);
    await bench.setTimeouts(1, 0, 0);
    await sleep(200);
    await talker.echo('hello');
    const from = performance.now();
    assert.equal(await talker.outcome, 'ECONNRESET');
    assert.ok(performance.now() - from < SOON_MS);
    const [entry] = (await bench.entries(id)).filter(({ state }) => state === 'ESTABLISHED');
    assert.equal(entry?.clientPort, silent.socket.localPort);
    assert.ok(entry && entry.expiresIn > 880, 'no byte passed: the old timeout runs on');
  });

  test('a half-closed connection ends after tcpfin seconds', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    await bench.setTimeouts(0, 1, 0);
    const server = await startTcpServer(t, 'a', { serve: (socket) => socket.end('a\n').resume() });
    const id = await bench.serve(t, [server]);
    const client = await TcpClient.connect(t, id);
    await client.name();
    await eventuallyEqual(() => bench.states(id), ['CLOSE'], SOON_MS);
    // The client read the server's end already; it meets the reset when it writes.
    client.socket.write('x');
    assert.match(await client.outcome, /^(ECONNRESET|EPIPE)$/);
  });

  test('a reset connection leaves the list after 10 s, and is counted no more', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    const server = await startTcpServer(t, 'a');
    const id = await bench.serve(t, [server]);
    const client = await TcpClient.connect(t, id);
    await client.name();
    client.socket.resetAndDestroy();
    await eventuallyEqual(() => bench.states(id), ['CLOSE']);
    await sleep(8500);
    assert.deepEqual(await bench.counts(id, server), [0, 1]);
    await eventuallyEqual(() => bench.states(id), [], SOON_MS);
    assert.deepEqual(await bench.counts(id, server), [0, 0]);
  });

  test('a UDP flow expires after udp seconds, its socket with it; the next datagram is scheduled anew', {
    timeout,
  }, async (t) => {
    const bench = await RelayBench.start(t);
    await bench.setTimeouts(0, 0, 1);
    const servers = await startUdpServers(t, 2);
    const id = await bench.serve(t, servers, { protocol: 'udp' });
    const client = await UdpClient.open(t, id);
    assert.equal(await client.ask('1'), 'a:1');
    assert.equal(await client.ask('2'), 'a:2');
    const ports = new Set(servers[0]?.received.map(({ port }) => port));
    assert.equal(ports.size, 1, 'one socket towards the server');
    await eventuallyEqual(() => bench.states(id), [], SOON_MS);
    assert.equal(await client.ask('3'), 'b:3');
  });

  test('a UDP flow lives as long as datagrams pass in either direction', { timeout }, async (t) => {
    const bench = await RelayBench.start(t);
    await bench.setTimeouts(0, 0, 1);
    const server = await startUdpServer(t, 'a');
    const id = await bench.serve(t, [server], { protocol: 'udp' });
    const client = await UdpClient.open(t, id);
    await client.ask('x');
    const [first] = server.received;
    assert.ok(first);
    for (let round = 0; round < 16; round++) {
      server.socket.send(`news ${round}`, first.port, '127.0.0.1');
      assert.equal((await client.answer()).toString(), `news ${round}`);
      await sleep(250);
    }
    assert.deepEqual(await bench.states(id), ['UDP']);
  });
});

test('the sockets of UDP flows are closed with them', { timeout }, async (t) => {
  const bench = await RelayBench.start(t);
  await bench.setTimeouts(0, 0, 1);
  const id = await bench.serve(t, [await startUdpServer(t, 'a')], { protocol: 'udp' });
  const clients = await Promise.all(Array.from({ length: 50 }, () => UdpClient.open(t, id)));
  const before = await settledDescriptors();
  await Promise.all(clients.map((client) => client.ask('x')));
  assert.equal(openDescriptors(), before + 50);
  await eventuallyEqual(openDescriptors, before, SOON_MS);
});
