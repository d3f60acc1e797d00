import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { ServiceId } from '../../src/model/service.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { RelayBench, whereabouts } from './fixture/relay-bench.ts';
import { TcpClient } from './fixture/tcp-client.ts';
import { startTcpServer, startTcpServers, type TcpServer } from './fixture/tcp-server.ts';
import { UdpClient } from './fixture/udp-client.ts';
import { startUdpServer } from './fixture/udp-server.ts';
import { startUnansweringServer } from './fixture/unanswering-server.ts';

const timeout = 20_000;

describe('the life of a connection, counted exactly', () => {
  const bench = RelayBench.shared();

  test('ESTABLISHED is active, and listed with all its addresses', { timeout }, async (t) => {
    for (const inet6 of [false, true]) {
      const { id, server, client } = await established(t, { inet6 });
      assert.deepEqual(await bench.counts(id, server), [1, 0]);
      const [entry, ...others] = await bench.entries(id);
      assert.ok(entry);
      assert.deepEqual(others, []);
      const { expiresIn, ...rest } = entry;
      assert.deepEqual(rest, {
        protocol: 'tcp',
        clientAddress: client.socket.localAddress,
        clientPort: client.socket.localPort,
        virtualAddress: whereabouts(id).host,
        virtualPort: whereabouts(id).port,
        destinationAddress: server.address,
        destinationPort: server.port,
        state: 'ESTABLISHED',
      });
      assertWithin(expiresIn, 895, 900);
    }
  });

  test('client first: CLOSE_WAIT, then TIME_WAIT', { timeout }, async (t) => {
    const { id, server, client, accepted } = await established(t);
    client.socket.end();
    await eventuallyEqual(() => bench.states(id), ['CLOSE_WAIT']);
    assert.deepEqual(await bench.counts(id, server), [0, 1]);
    assertWithin(await expiry(id), 55, 60);
    accepted.end();
    assert.equal(await client.outcome, 'end');
    await eventuallyEqual(() => bench.states(id), ['TIME_WAIT']);
    assert.deepEqual(await bench.counts(id, server), [0, 1]);
    assertWithin(await expiry(id), 115, 120);
  });

  test('server first: FIN_WAIT, then TIME_WAIT', { timeout }, async (t) => {
    const { id, server, client, accepted } = await established(t);
    accepted.end();
    await eventuallyEqual(() => bench.states(id), ['FIN_WAIT']);
    assert.deepEqual(await bench.counts(id, server), [0, 1]);
    assertWithin(await expiry(id), 115, 120);
    client.socket.end();
    assert.equal(await client.outcome, 'end');
    await eventuallyEqual(() => bench.states(id), ['TIME_WAIT']);
    assert.deepEqual(await bench.counts(id, server), [0, 1]);
  });

  for (const side of ['client', 'server'] as const) {
    test(`a reset by the ${side}: CLOSE for 10 s, and the other side is reset`, { timeout }, async (t) => {
      const { id, server, client, accepted } = await established(t);
      const heard = new Promise<void>((resolve) => void accepted.once('close', () => resolve()));
      if (side === 'client') client.socket.resetAndDestroy();
      else accepted.resetAndDestroy();
      await eventuallyEqual(() => bench.states(id), ['CLOSE']);
      assert.deepEqual(await bench.counts(id, server), [0, 1]);
      assertWithin(await expiry(id), 5, 10);
      await heard;
      if (side === 'server') assert.equal(await client.outcome, 'ECONNRESET');
    });
  }

  for (const side of ['the client', 'the server'] as const) {
    test(`a reset by ${side} after the client's end leads to CLOSE too`, { timeout }, async (t) => {
      const { id, server, client, accepted } = await established(t);
      client.socket.end();
      await eventuallyEqual(() => bench.states(id), ['CLOSE_WAIT']);
      (side === 'the client' ? client.socket : accepted).resetAndDestroy();
      await eventuallyEqual(() => bench.states(id), ['CLOSE']);
      assert.deepEqual(await bench.counts(id, server), [0, 1]);
    });
  }

  test('SYN_RECV is active: a server that has not answered yet', { timeout }, async (t) => {
    const server = await startUnansweringServer(t, 'a');
    const id = await bench.serve(t, [server]);
    const client = await TcpClient.connect(t, id);
    await eventuallyEqual(() => bench.states(id), ['SYN_RECV']);
    assert.deepEqual(await bench.counts(id, server), [1, 0]);
    client.socket.destroy();
  });

  test('UDP is inactive, and listed for 300 s', { timeout }, async (t) => {
    const server = await startUdpServer(t, 'a');
    const id = await bench.serve(t, [server], { protocol: 'udp' });
    const client = await UdpClient.open(t, id);
    assert.equal(await client.ask('x'), 'a:x');
    assert.deepEqual(await bench.counts(id, server), [0, 1]);
    const [entry] = await bench.entries(id);
    assert.ok(entry);
    assert.deepEqual([entry.protocol, entry.state, entry.clientPort], ['udp', 'UDP', client.port]);
    assertWithin(entry.expiresIn, 295, 300);
  });

  test('hundreds of connections that end in every way leave exact counts', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const id = await bench.serve(t, servers);
    const clients = await Promise.all(Array.from({ length: 300 }, () => TcpClient.connect(t, id)));
    await Promise.all(clients.map((client) => client.name()));
    for (const server of servers) assert.deepEqual(await bench.counts(id, server), [150, 0]);
    clients.forEach((client, index) => {
      if (index < 100) client.socket.resetAndDestroy();
      else if (index < 200) client.socket.end();
    });
    for (const server of servers) await eventuallyEqual(() => bench.counts(id, server), [50, 100]);
    await eventuallyEqual(
      async () => tally(await bench.states(id)),
      new Map([
        ['CLOSE', 100],
        ['ESTABLISHED', 100],
        ['TIME_WAIT', 100],
      ]),
    );
    for (const { statistics } of (await bench.service(id)).destinations) {
      assert.equal(statistics.counters.connections, 150n);
    }
  });

  /** A connection whose ends the test holds. */
  async function established(
    t: TestContext,
    options: { readonly inet6?: boolean } = {},
  ): Promise<{ id: ServiceId; server: TcpServer; client: TcpClient; accepted: Socket }> {
    const inet6 = options.inet6 ?? false;
    const server = await startTcpServer(t, 'a', {
      address: inet6 ? '::1' : '127.0.0.1',
      serve: (socket) => {
        socket.write('a\n');
        socket.resume();
      },
    });
    const id = await bench.serve(t, [server], { inet6 });
    const client = await TcpClient.connect(t, id);
    await client.name();
    // The pump passes bytes on before the balancer has read that the server accepted.
    await eventuallyEqual(() => bench.states(id), ['ESTABLISHED']);
    const [accepted] = server.sockets;
    assert.ok(accepted);
    return { id, server, client, accepted };
  }

  async function expiry(id: ServiceId): Promise<number> {
    const [entry] = await bench.entries(id);
    return entry?.expiresIn ?? -1;
  }
});

function tally(states: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

function assertWithin(value: number, least: number, most: number): void {
  assert.ok(value >= least && value <= most, `${value} is not from ${least} to ${most}`);
}
