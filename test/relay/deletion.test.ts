import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Port, Weight } from '../../src/model/unit.ts';
import { openDescriptors, settledDescriptors } from './fixture/descriptors.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { addition, deletion, RelayBench, serviceSettingsFor } from './fixture/relay-bench.ts';
import { namesInTurn, TcpClient } from './fixture/tcp-client.ts';
import { startTcpServers } from './fixture/tcp-server.ts';
import { UdpClient } from './fixture/udp-client.ts';
import { startUdpServers } from './fixture/udp-server.ts';

const timeout = 20_000;

describe('deleting', () => {
  const bench = RelayBench.shared();

  test('a destination resets its connections, the others go on', { timeout }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b]);
    const one = await TcpClient.connect(t, id);
    const other = await TcpClient.connect(t, id);
    assert.deepEqual([await one.name(), await other.name()], ['a', 'b']);
    await bench.done(deletion(id, a));
    assert.equal(await one.outcome, 'ECONNRESET');
    await other.echo('alive');
    await eventuallyEqual(() => a.sockets.size, 0);
    assert.equal(await namesInTurn(t, id, 3), 'bbb');
  });

  test('a service resets its connections and refuses new ones', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const id = await bench.serve(t, servers);
    const clients = await Promise.all(Array.from({ length: 50 }, () => TcpClient.connect(t, id)));
    await Promise.all(clients.map((client) => client.name()));
    await bench.done({ kind: 'delete-service', service: id });
    const outcomes = await Promise.all(clients.map((client) => client.outcome));
    assert.deepEqual(new Set(outcomes), new Set(['ECONNRESET']));
    await assert.rejects(TcpClient.connect(t, id), { code: 'ECONNREFUSED' });
    assert.equal(await bench.engine.service(id), undefined);
  });

  test('a flush deletes all services', { timeout }, async (t) => {
    const own = await RelayBench.start(t);
    const servers = await startTcpServers(t, 1);
    const ids = [await own.serve(t, servers), await own.serve(t, servers)];
    const clients = await Promise.all(ids.map((id) => TcpClient.connect(t, id)));
    await Promise.all(clients.map((client) => client.name()));
    await own.done({ kind: 'flush' });
    for (const client of clients) assert.equal(await client.outcome, 'ECONNRESET');
    assert.deepEqual((await own.engine.snapshot()).services, []);
  });

  test('a destination that is added again counts on with what it had', { timeout }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b]);
    const clients = await Promise.all(Array.from({ length: 6 }, () => TcpClient.connect(t, id)));
    await Promise.all(clients.map((client) => client.name()));
    await bench.done(deletion(id, a), addition(id, a, { weight: 3 as Weight }));
    await eventuallyEqual(() => bench.counts(id, a), [0, 3]);
    assert.deepEqual(await bench.counts(id, b), [3, 0]);
    const { weight, statistics } = await bench.destination(id, a);
    assert.deepEqual([weight, statistics.counters.connections], [3, 3n]);
    const more = await Promise.all(Array.from({ length: 2 }, () => TcpClient.connect(t, id)));
    await Promise.all(more.map((client) => client.name()));
    assert.deepEqual(await bench.counts(id, a), [1, 3]);
  });

  test('a TCP service can be added again on its port at once', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 1);
    const id = await bench.serve(t, servers);
    for (let round = 0; round < 20; round++) {
      const client = await TcpClient.connect(t, id);
      await client.name();
      await bench.done(
        { kind: 'delete-service', service: id },
        { kind: 'add-service', service: id, settings: serviceSettingsFor(id) },
        ...servers.map((server) => addition(id, server)),
      );
    }
    assert.equal(await namesInTurn(t, id, 1), 'a');
  });

  test('a UDP service can be added again on its port at once', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 1);
    const id = await bench.serve(t, servers, { protocol: 'udp' });
    const before = await settledDescriptors();
    for (let round = 0; round < 20; round++) {
      await bench.done(
        { kind: 'delete-service', service: id },
        { kind: 'add-service', service: id, settings: serviceSettingsFor(id) },
        ...servers.map((server) => addition(id, server)),
      );
      const client = await UdpClient.open(t, id);
      assert.equal(await client.ask(`${round}`), `a:${round}`);
    }
    await bench.done({ kind: 'delete-service', service: id });
    // Two pumps had a socket each; twenty clients are open now.
    await eventuallyEqual(openDescriptors, before - 2 + 20);
  });

  test('a service’s rows are free again: thousands of destinations come and go', { timeout }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    assert.ok(a);
    const id = await bench.serve(t, [a]);
    const others = Array.from({ length: 3000 }, (_, index) => ({
      name: `${index}`,
      address: '127.0.0.1',
      port: 1000 + index,
    }));
    for (let round = 0; round < 3; round++) {
      await bench.done(...others.map((other) => addition(id, other, { weight: 0 as Weight })));
      assert.equal((await bench.service(id)).destinations.length, 3001);
      assert.equal(await namesInTurn(t, id, 2), 'aa');
      await bench.done(...others.map((other) => deletion(id, other)));
    }
    assert.equal(await namesInTurn(t, id, 2), 'aa');
  });

  test('what does not exist is refused by name, and changes nothing', { timeout }, async (t) => {
    const [a] = await startTcpServers(t, 1);
    assert.ok(a);
    const id = await bench.serve(t, [a]);
    const outcomes = await bench.engine.execute([
      deletion(id, { ...a, port: (a.port ^ 1) as Port }),
      { kind: 'delete-service', service: { ...id, protocol: 'udp' } as typeof id },
      addition(id, a),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome?.code),
      ['DESTINATION_NOT_FOUND', 'SERVICE_NOT_FOUND', 'DESTINATION_EXISTS'],
    );
    assert.equal(await namesInTurn(t, id, 2), 'aa');
  });
});
