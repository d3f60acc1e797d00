import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConnectionEntry } from '../../src/model/connection.ts';
import type { ServiceId } from '../../src/model/service.ts';
import type { PrefixLength, Seconds, Weight } from '../../src/model/unit.ts';
import { ip } from '../engine/sample-table.ts';
import { eventually, eventuallyEqual } from './fixture/eventually.ts';
import { addition, deletion, edition, RelayBench } from './fixture/relay-bench.ts';
import { namesInTurn, TcpClient } from './fixture/tcp-client.ts';
import { deadServer, startTcpServers } from './fixture/tcp-server.ts';
import { UdpClient, udpNamesInTurn } from './fixture/udp-client.ts';
import { startUdpServers } from './fixture/udp-server.ts';

const timeout = 20_000;
const persistent = { persistenceTimeout: 300 as Seconds };

describe('persistence', () => {
  const bench = RelayBench.shared({ workers: 4 });

  test('keeps a client address with its server, whatever round robin would do', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 3);
    const id = await bench.serve(t, servers, { service: persistent });
    assert.equal(await namesInTurn(t, id, 3, '127.0.0.21'), 'aaa');
    assert.equal(await namesInTurn(t, id, 3, '127.0.0.22'), 'bbb');
    assert.equal(await namesInTurn(t, id, 3, '127.0.0.23'), 'ccc');
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.21'), 'aa');
    const service = await bench.service(id);
    assert.deepEqual(
      service.destinations.map(({ persistentConnections }) => persistentConnections),
      [1, 1, 1],
    );
  });

  test('a netmask groups clients', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const service = { ...persistent, persistenceNetmask: ip('255.255.255.0') };
    const id = await bench.serve(t, servers, { service });
    const names = [];
    for (const from of ['127.0.7.1', '127.0.8.1', '127.0.7.200', '127.0.8.90', '127.0.7.3']) {
      names.push(await namesInTurn(t, id, 1, from));
    }
    assert.equal(names.join(''), 'ababa');
    const clients = (await templates(id)).map(({ clientAddress }) => clientAddress);
    assert.deepEqual(clients.sort(), ['127.0.7.0', '127.0.8.0']);
  });

  test('an IPv6 prefix is listed as the masked client', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 2, '::1');
    const service = { ...persistent, persistenceNetmask: 96 as PrefixLength };
    const id = await bench.serve(t, servers, { inet6: true, service });
    assert.equal(await namesInTurn(t, id, 3), 'aaa');
    const [template, ...others] = await templates(id);
    assert.deepEqual(others, []);
    assert.equal(template?.clientAddress, '::');
  });

  test('a template has port 0 and the service timeout, NONE until a connection is established, then ASSURED', {
    timeout,
  }, async (t) => {
    const servers = await startTcpServers(t, 1);
    const id = await bench.serve(t, servers, { service: persistent });
    const client = await TcpClient.connect(t, id, '127.0.0.31');
    await client.name();
    await eventuallyEqual(async () => (await templates(id)).map(({ state }) => state), ['ASSURED']);
    const [template] = await templates(id);
    assert.ok(template);
    assert.deepEqual(
      [template.clientAddress, template.clientPort, template.destinationPort, template.state],
      ['127.0.0.31', 0, servers[0]?.port, 'ASSURED'],
    );
    assert.ok(template.expiresIn > 290 && template.expiresIn <= 300, `${template.expiresIn} s`);

    const dead = await bench.serve(t, [await deadServer(t, 'x')], { service: persistent });
    assert.equal(await TcpClient.outcomeOf(t, dead), 'ECONNRESET');
    assert.deepEqual(
      (await templates(dead)).map(({ state }) => state),
      ['NONE'],
    );
  });

  test('a server of weight 0 still gets the clients that it has', { timeout }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { service: persistent });
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.41'), 'a');
    await bench.done(edition(id, a, { weight: 0 as Weight }));
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.41'), 'aa');
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.42'), 'bb');
  });

  test('a server over its threshold still gets the clients that it has', { timeout }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { service: persistent });
    await bench.done(edition(id, a, { upperThreshold: 1 }));
    const first = await TcpClient.connect(t, id, '127.0.0.43');
    const second = await TcpClient.connect(t, id, '127.0.0.43');
    assert.deepEqual([await first.name(), await second.name()], ['a', 'a']);
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.44'), 'b');
  });

  test('a server that was deleted loses its clients; its template is listed as invalid', {
    timeout,
  }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { service: persistent });
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.51'), 'a');
    await bench.done(deletion(id, a));
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.51'), 'bb');
    const ports = (await templates(id)).map(({ virtualPort, destinationPort }) => [
      virtualPort,
      destinationPort,
    ]);
    assert.equal(ports.length, 2);
    assert.ok(ports.some(([virtual, destination]) => virtual === 65535 && destination === 65535));
    await bench.done(addition(id, a));
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.51'), 'b');
    assert.equal((await bench.destination(id, a)).persistentConnections, 1);
  });

  test('a deleted service that comes back finds its templates, as in IPVS', { timeout }, async (t) => {
    const [a, b] = await startTcpServers(t, 2);
    assert.ok(a && b);
    const id = await bench.serve(t, [a, b], { service: persistent });
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.52'), 'a');
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.53'), 'b');
    const { destinations: _, ...settings } = await bench.service(id);
    await bench.done(
      { kind: 'delete-service', service: id },
      { kind: 'add-service', service: id, settings },
      addition(id, a),
      addition(id, b),
    );
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.52'), 'aa');
    assert.equal(await namesInTurn(t, id, 2, '127.0.0.53'), 'bb');
  });

  test('a persistent client whose server refuses moves, and stays with the new one', {
    timeout,
  }, async (t) => {
    const [a, b, c] = await startTcpServers(t, 3);
    assert.ok(a && b && c);
    const id = await bench.serve(t, [a, b, c], { service: persistent });
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.61'), 'a');
    await a.die();
    const moved = await namesInTurn(t, id, 1, '127.0.0.61');
    assert.match(moved, /[bc]/);
    assert.equal(await namesInTurn(t, id, 3, '127.0.0.61'), moved.repeat(3));
  });

  test('UDP clients stay too; the template is ASSURED with the first answer', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 2);
    const id = await bench.serve(t, servers, { protocol: 'udp', service: persistent });
    assert.equal(await udpNamesInTurn(t, id, 4), 'aaaa');
    await eventuallyEqual(async () => (await templates(id)).map(({ state }) => state), ['ASSURED']);
    const other = await UdpClient.open(t, id, '127.0.0.62');
    assert.equal(await other.ask('x'), 'b:x');
  });

  test('one-packet scheduling is persistent as well', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 2);
    const service = { ...persistent, onePacket: true };
    const id = await bench.serve(t, servers, { protocol: 'udp', service });
    assert.equal(await udpNamesInTurn(t, id, 4), 'aaaa');
    assert.equal((await templates(id)).length, 1);
  });

  test('a template expires after its last connection’s start, and the client is scheduled anew', {
    timeout,
  }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const id = await bench.serve(t, servers, { service: { persistenceTimeout: 1 as Seconds } });
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.71'), 'a');
    // Its connection controls it for 10 s in CLOSE; then the template has the 60 s of ip_vs_conn_expire.
    const [pinned] = await templates(id);
    assert.ok(pinned);
    await eventually('the template is pinned', async () => {
      const [template] = await templates(id);
      return template !== undefined && template.expiresIn > 50;
    });
    assert.equal(await namesInTurn(t, id, 1, '127.0.0.71'), 'a');
  });

  test('a template without connections expires on time', { timeout }, async (t) => {
    const servers = await startUdpServers(t, 2);
    const service = { persistenceTimeout: 1 as Seconds, onePacket: true };
    const id = await bench.serve(t, servers, { protocol: 'udp', service });
    assert.equal(await udpNamesInTurn(t, id, 2), 'aa');
    await eventuallyEqual(async () => (await templates(id)).length, 0);
    const [a] = servers;
    assert.ok(a);
    assert.equal((await bench.destination(id, a)).persistentConnections, 0);
    assert.equal(await udpNamesInTurn(t, id, 2), 'bb');
  });

  async function templates(id: ServiceId): Promise<ConnectionEntry[]> {
    return (await bench.entries(id)).filter(({ clientPort }) => clientPort === 0);
  }
});
