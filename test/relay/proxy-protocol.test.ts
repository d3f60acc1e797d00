import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { addressBytes, type IpAddress } from '../../src/model/address.ts';
import type { ServiceId } from '../../src/model/service.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { addition, edition, RelayBench, whereabouts } from './fixture/relay-bench.ts';
import { TcpClient } from './fixture/tcp-client.ts';
import { startTcpServer, startTcpServers } from './fixture/tcp-server.ts';
import { UdpClient } from './fixture/udp-client.ts';
import { startUdpServer } from './fixture/udp-server.ts';

const timeout = 20_000;
const proxied = { destination: { proxyProtocol: 'v2' } } as const;

describe('the PROXY protocol, version 2', () => {
  const bench = RelayBench.shared();

  for (const inet6 of [false, true]) {
    const family = inet6 ? 'IPv6' : 'IPv4';
    const address = inet6 ? '::1' : '127.0.0.1';
    const from = inet6 ? '::1' : '127.0.0.77';

    test(`comes before the first byte of a TCP connection, ${family}`, { timeout }, async (t) => {
      const { received, serve } = recorder();
      const server = await startTcpServer(t, 'a', { address, serve });
      const id = await bench.serve(t, [server], { ...proxied, inet6 });
      const client = await TcpClient.connect(t, id, from);
      client.socket.write('hello');
      const header = expected(id, from, client.socket.localPort ?? 0, inet6 ? 0x21 : 0x11);
      await eventuallyEqual(received, header + Buffer.from('hello').toString('hex'));
    });

    test(`opens every datagram, ${family}`, { timeout }, async (t) => {
      const server = await startUdpServer(t, 'a', { address });
      const id = await bench.serve(t, [server], { ...proxied, protocol: 'udp', inet6 });
      const client = await UdpClient.open(t, id, from);
      for (const text of ['first', '', 'second']) client.send(text);
      const header = expected(id, from, client.port, inet6 ? 0x22 : 0x12);
      await eventuallyEqual(
        () => server.received.map(({ data }) => data.toString('hex')),
        ['first', '', 'second'].map((text) => header + Buffer.from(text).toString('hex')),
      );
    });
  }

  test('comes at once, also where the server speaks first', { timeout }, async (t) => {
    const { received, serve } = recorder();
    const server = await startTcpServer(t, 'a', { serve });
    const id = await bench.serve(t, [server], proxied);
    const client = await TcpClient.connect(t, id, '127.0.0.78');
    await eventuallyEqual(received, expected(id, '127.0.0.78', client.socket.localPort ?? 0, 0x11));
  });

  test('comes to the server that finally takes the connection', { timeout }, async (t) => {
    const { received, serve } = recorder();
    const server = await startTcpServer(t, 'b', { serve });
    const [dead] = await startTcpServers(t, 1);
    assert.ok(dead);
    await dead.die();
    const id = await bench.serve(t, [dead]);
    await bench.done(addition(id, server, { proxyProtocol: 'v2' }));
    for (let round = 0; round < 2; round++) {
      const client = await TcpClient.connect(t, id);
      client.socket.end('x');
      await client.outcome;
    }
    assert.match(received(), /^(0d0a0d0a000d0a515549540a2111000c.{24}78){2}$/);
  });

  test('is switched by an edit, for connections that come after it', { timeout }, async (t) => {
    const { received, serve } = recorder();
    const server = await startTcpServer(t, 'a', { serve });
    const id = await bench.serve(t, [server]);
    const send = async (): Promise<void> => {
      const client = await TcpClient.connect(t, id);
      client.socket.end('x');
      await client.outcome;
    };
    await send();
    assert.equal(received(), '78');
    await bench.done(edition(id, server, { proxyProtocol: 'v2' }));
    await send();
    assert.match(received(), /^780d0a.*78$/);
  });
});

/** A server that keeps what it receives, as hexadecimal text. */
function recorder(): { received: () => string; serve: (socket: Socket) => void } {
  const chunks: Buffer[] = [];
  return {
    received: () => Buffer.concat(chunks).toString('hex'),
    serve: (socket) => {
      socket.on('data', (chunk) => chunks.push(Buffer.from(chunk)));
      socket.on('end', () => socket.end());
    },
  };
}

/** Signature, version 2 and command PROXY, family and transport, length, addresses, ports (specification, section 2.2). */
function expected(id: ServiceId, client: string, clientPort: number, transport: number): string {
  const { host, port } = whereabouts(id);
  const addresses = [client, host].map((each) => Buffer.from(addressBytes(each as IpAddress)));
  const ports = [clientPort, port].map((each) => Buffer.of(each >> 8, each & 255));
  const payload = Buffer.concat([...addresses, ...ports]);
  return Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.of(0x21, transport, payload.length >> 8, payload.length & 255),
    payload,
  ]).toString('hex');
}
