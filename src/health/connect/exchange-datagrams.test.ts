import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { Port } from '../../model/unit.ts';
import { exchangeDatagrams } from './exchange-datagrams.ts';
import { good } from './talk.ts';

const LOOPBACK = '127.0.0.1' as IpAddress;

test('a client that would hear itself finds the port unreachable', async () => {
  const port = await freePort();
  const target = { address: LOOPBACK, port, sourceAddress: LOOPBACK, sourcePort: port };
  const verdict = await exchangeDatagrams(target, new AbortController().signal, {
    question: Buffer.from('echo'),
    hear: () => good('heard'),
    timedOut: () => good('heard nothing'),
  });
  assert.deepEqual(verdict, { good: false, detail: 'port unreachable' });
});

test('datagrams of others are not heard, and a talk may wait for a second one', async () => {
  const server = createSocket('udp4');
  const stranger = createSocket('udp4');
  server.on('message', (_, { port, address }) => {
    stranger.send('stranger', port, address, () => {
      server.send('first', port, address, () => server.send('second', port, address));
    });
  });
  server.bind(0, LOOPBACK);
  await once(server, 'listening');
  const heard: string[] = [];
  const verdict = await exchangeDatagrams(
    { address: LOOPBACK, port: server.address().port as Port },
    new AbortController().signal,
    {
      question: new Uint8Array(0),
      hear(datagram) {
        heard.push(String(datagram));
        return heard.length < 2 ? undefined : good('both');
      },
      timedOut: () => good('too late'),
    },
  );
  server.close();
  stranger.close();
  assert.deepEqual({ heard, verdict }, { heard: ['first', 'second'], verdict: good('both') });
});

/** The system's choice; nobody has it any more. */
async function freePort(): Promise<Port> {
  const socket = createSocket('udp4').bind(0, LOOPBACK);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port as Port;
}
