import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Weight } from '../../src/model/unit.ts';
import { addition, RelayBench } from './fixture/relay-bench.ts';
import { namesInTurn, TcpClient } from './fixture/tcp-client.ts';
import { startTcpServers } from './fixture/tcp-server.ts';
import { udpNamesInTurn } from './fixture/udp-client.ts';
import { startUdpServers } from './fixture/udp-server.ts';

const timeout = 20_000;

describe('scheduling is exact over four pumps', () => {
  const bench = RelayBench.shared({ workers: 4 });

  for (const inet6 of [false, true]) {
    const family = inet6 ? 'IPv6' : 'IPv4';
    const address = inet6 ? '::1' : '127.0.0.1';

    test(`rr, TCP, ${family}`, { timeout }, async (t) => {
      const servers = await startTcpServers(t, 3, address);
      const id = await bench.serve(t, servers, { inet6 });
      assert.equal(await namesInTurn(t, id, 10), 'abcabcabca');
    });

    test(`rr, UDP, ${family}`, { timeout }, async (t) => {
      const servers = await startUdpServers(t, 3, address);
      const id = await bench.serve(t, servers, { protocol: 'udp', inet6 });
      assert.equal(await udpNamesInTurn(t, id, 10), 'abcabcabca');
    });
  }

  test('wrr interleaves weights 4, 3 and 2 as the kernel does', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 3);
    const [a, b, c] = servers;
    assert.ok(a && b && c);
    const id = await bench.serve(t, [], { service: { scheduler: 'wrr' } });
    await bench.done(
      addition(id, a, { weight: 4 as Weight }),
      addition(id, b, { weight: 3 as Weight }),
      addition(id, c, { weight: 2 as Weight }),
    );
    // The server that was added alone left the pass weight at 1, so the first pass takes everybody.
    const cycle = ['cba', 'a', 'ba', 'cba'].join('');
    assert.equal(await namesInTurn(t, id, 18), cycle + cycle);
  });

  test('rr gives 400 connections at once exact shares', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 4);
    const id = await bench.serve(t, servers);
    const clients = await Promise.all(Array.from({ length: 400 }, () => TcpClient.connect(t, id)));
    const names = await Promise.all(clients.map((client) => client.name()));
    const shares = servers.map(({ name }) => names.filter((found) => found === name).length);
    assert.deepEqual(shares, [100, 100, 100, 100]);
    for (const server of servers) assert.deepEqual(await bench.counts(id, server), [100, 0]);
  });

  test('lc follows the connections that are open', { timeout }, async (t) => {
    const servers = await startTcpServers(t, 2);
    const id = await bench.serve(t, servers, { service: { scheduler: 'lc' } });
    const held = await TcpClient.connect(t, id);
    const name = await held.name();
    const other = name === 'a' ? 'b' : 'a';
    const second = await TcpClient.connect(t, id);
    assert.equal(await second.name(), other);
    const third = await TcpClient.connect(t, id);
    assert.equal(await third.name(), name);
    const fourth = await TcpClient.connect(t, id);
    assert.equal(await fourth.name(), other);
  });

  test('sh keeps a client address with one server, and another change of the scheduler starts anew', {
    timeout,
  }, async (t) => {
    const servers = await startTcpServers(t, 3);
    const id = await bench.serve(t, servers, { service: { scheduler: 'sh' } });
    assert.match(await namesInTurn(t, id, 6, '127.0.0.9'), /^(a{6}|b{6}|c{6})$/);
    const { scheduler: _, ...settings } = await bench.service(id);
    await bench.done({ kind: 'edit-service', service: id, settings: { ...settings, scheduler: 'rr' } });
    assert.equal(await namesInTurn(t, id, 6, '127.0.0.9'), 'abcabc');
  });
});
