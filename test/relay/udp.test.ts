import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDescriptors, settledDescriptors } from './fixture/descriptors.ts';
import { eventually, eventuallyEqual } from './fixture/eventually.ts';
import { addition, deletion, RelayBench, serviceSettingsFor } from './fixture/relay-bench.ts';
import { UdpClient, udpNamesInTurn } from './fixture/udp-client.ts';
import { closed, deadUdpServer, startUdpServer, startUdpServers } from './fixture/udp-server.ts';

const timeout = 20_000;

describe('UDP', () => {
  const bench = RelayBench.shared({ workers: 4 });

  test('the datagrams of a client go to one server, each as it was, and the answers come back', {
    timeout,
  }, async (t) => {
    for (const inet6 of [false, true]) {
      const servers = await startUdpServers(t, 2, inet6 ? '::1' : '127.0.0.1');
      const id = await bench.serve(t, servers, { protocol: 'udp', inet6 });
      const client = await UdpClient.open(t, id);
      for (const size of [0, 1, 2, 511, 1400, 9000, 65_000]) {
        const data = randomBytes(size);
        client.send(data);
        assert.deepEqual(await client.answer(), Buffer.concat([Buffer.from('a:'), data]), `${size} bytes`);
      }
      assert.equal(new Set(servers[0]?.received.map(({ port }) => port)).size, 1);
    }
  });

  test('hundreds of clients at once each get their own answers, and exact shares', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 3);
    const id = await bench.serve(t, servers, { protocol: 'udp' });
    const clients = await Promise.all(Array.from({ length: 300 }, () => UdpClient.open(t, id)));
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        clients.map(async (client, index) => {
          const answer = await client.ask(`${index}.${round}`);
          assert.ok(answer.endsWith(`:${index}.${round}`), answer);
        }),
      );
    }
    for (const server of servers) {
      assert.deepEqual(await bench.counts(id, server), [0, 100]);
      assert.equal(server.received.length, 500);
    }
    assert.equal((await bench.entries(id)).length, 300);
    const { counters } = (await bench.service(id)).statistics;
    assert.deepEqual([counters.connections, counters.inPackets, counters.outPackets], [300n, 1500n, 1500n]);
  });

  test('a burst of a new client stays in order and in one flow', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 2);
    const [a, b] = servers;
    assert.ok(a && b);
    const id = await bench.serve(t, servers, { protocol: 'udp' });
    const client = await UdpClient.open(t, id);
    for (let n = 0; n < 30; n++) client.send(`${n}`);
    await eventuallyEqual(
      () => a.received.map(({ data }) => Number(data)),
      Array.from({ length: 30 }, (_, n) => n),
    );
    assert.equal(b.received.length, 0);
  });

  test('a server that refuses is passed over on the first datagram', { timeout }, async (t) => {
    for (const inet6 of [false, true]) {
      const address = inet6 ? '::1' : '127.0.0.1';
      const a = await startUdpServer(t, 'a', { address });
      const servers = [await deadUdpServer(t, 'x', address), a, await deadUdpServer(t, 'y', address)];
      const id = await bench.serve(t, servers, { protocol: 'udp', inet6 });
      assert.equal(await udpNamesInTurn(t, id, 5), 'aaaaa');
      await eventuallyEqual(() => bench.counts(id, a), [0, 5]);
      for (const server of servers) {
        if (server !== a) assert.deepEqual(await bench.counts(id, server), [0, 0]);
      }
    }
  });

  test('with every server refusing the flow is given up, and a later datagram tries again', {
    timeout,
  }, async (t) => {
    const dead = await deadUdpServer(t, 'a');
    const id = await bench.serve(t, [dead], { protocol: 'udp' });
    const client = await UdpClient.open(t, id);
    client.send('lost');
    await eventually('the datagram was scheduled', async () => {
      return (await bench.service(id)).statistics.counters.connections === 1n;
    });
    await eventuallyEqual(() => bench.states(id), []);
    await startUdpServer(t, 'a', { port: dead.port });
    assert.equal(await client.ask('again'), 'a:again');
  });

  test('a server that answered once keeps its flow while it restarts', { timeout }, async (t) => {
    const [a, b] = await startUdpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { protocol: 'udp' });
    const client = await UdpClient.open(t, id);
    assert.equal(await client.ask('1'), 'a:1');
    await closed(a.socket);
    for (let n = 0; n < 5; n++) {
      client.send('lost');
      await sleep(10);
    }
    await startUdpServer(t, 'A', { port: a.port });
    client.send('2');
    // One of the lost may still have been on its way.
    let answer = 'A:lost';
    while (answer === 'A:lost') answer = (await client.answer()).toString();
    assert.equal(answer, 'A:2');
    assert.equal(b.received.length, 0);
  });

  test('a datagram that is too large for the way to the server is dropped, its flow goes on', {
    timeout,
  }, async (t) => {
    // The PROXY header makes it longer than IP can carry.
    const a = await startUdpServer(t, 'a', { silent: true });
    const id = await bench.serve(t, [a], { protocol: 'udp', destination: { proxyProtocol: 'v2' } });
    const client = await UdpClient.open(t, id);
    client.send('first');
    client.send(new Uint8Array(65_500));
    client.send('last');
    await sleep(100);
    client.send('later');
    await eventuallyEqual(
      () => a.received.map(({ data }) => data.subarray(28).toString()),
      ['first', 'last', 'later'],
    );
    assert.equal(new Set(a.received.map(({ port }) => port)).size, 1);
    assert.equal((await bench.service(id)).statistics.counters.connections, 1n);
  });
});

describe('one-packet scheduling', () => {
  const bench = RelayBench.shared({ workers: 4 });
  const onePacket = { protocol: 'udp', service: { onePacket: true } } as const;

  test('schedules each datagram anew, lists nothing, and passes answers back', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 3);
    const id = await bench.serve(t, servers, onePacket);
    const client = await UdpClient.open(t, id);
    const answers = [];
    for (let n = 0; n < 9; n++) answers.push(await client.ask(`${n}`));
    assert.deepEqual(
      answers,
      Array.from({ length: 9 }, (_, n) => `${'abc'[n % 3]}:${n}`),
    );
    assert.deepEqual(await bench.states(id), []);
    for (const server of servers) {
      assert.deepEqual(await bench.counts(id, server), [0, 0]);
      assert.equal((await bench.destination(id, server)).statistics.counters.connections, 3n);
    }
  });

  test('an edit switches it on and off', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 2);
    const id = await bench.serve(t, servers, { protocol: 'udp' });
    const client = await UdpClient.open(t, id);
    const names = async (): Promise<string> => {
      let found = '';
      for (let n = 0; n < 4; n++) found += (await client.ask('x')).slice(0, 1);
      return found;
    };
    const settings = serviceSettingsFor(id);
    assert.equal(await names(), 'aaaa');
    // The pumps hear of an edit a moment after it was answered.
    await bench.done({ kind: 'edit-service', service: id, settings: { ...settings, onePacket: true } });
    await eventually('each datagram is scheduled anew', async () => /^(abab|baba)$/.test(await names()));
    await bench.done({ kind: 'edit-service', service: id, settings });
    // The flow from before has not expired.
    await eventuallyEqual(names, 'aaaa');
    assert.deepEqual(await bench.states(id), ['UDP']);
  });

  test('a deleted server gets no more datagrams, although another takes its place in the table', {
    timeout,
  }, async (t) => {
    const [a, b] = await startUdpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a], onePacket);
    const client = await UdpClient.open(t, id);
    assert.equal(await client.ask('1'), 'a:1');
    await bench.done(deletion(id, a));
    // Long enough for the row of the deleted server to be given to the next one.
    await sleep(2200);
    await bench.done(addition(id, b));
    assert.equal(await client.ask('2'), 'b:2');
    assert.equal(a.received.length, 1);
  });

  test('sockets of flows are closed with their destination', { timeout }, async (t) => {
    const [a] = await startUdpServers(t, 1);
    assert.ok(a);
    const id = await bench.serve(t, [a], onePacket);
    const clients = await Promise.all(Array.from({ length: 20 }, () => UdpClient.open(t, id)));
    const before = await settledDescriptors();
    await Promise.all(clients.map((client) => client.ask('x')));
    await eventuallyEqual(openDescriptors, before + 20);
    await bench.done(deletion(id, a));
    await eventuallyEqual(openDescriptors, before, 2000);
  });
});
