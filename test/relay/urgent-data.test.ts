import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addressBytes, type IpAddress } from '../../src/model/address.ts';
import { AF_INET, MSG_NOSIGNAL } from '../../src/system/constants.ts';
import { close, connect, send } from '../../src/system/libc.ts';
import { openTcpSocket } from '../../src/system/socket.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from '../../src/system/socket-address.ts';
import { eventuallyEqual } from './fixture/eventually.ts';
import { RelayBench, whereabouts } from './fixture/relay-bench.ts';
import { startTcpServer } from './fixture/tcp-server.ts';

const MSG_OOB = 1;

test('urgent data neither stops the stream nor gets lost, as FTP and telnet need', {
  timeout: 20_000,
}, async (t) => {
  const bench = await RelayBench.start(t);
  let received = '';
  const server = await startTcpServer(t, 'a', {
    serve: (socket) => void socket.on('data', (data) => (received += data.toString())),
  });
  const { host, port } = whereabouts(await bench.serve(t, [server]));
  const fd = openTcpSocket(AF_INET);
  t.after(() => close(fd));
  const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  connect(fd, address, writeSocketAddress(address, addressBytes(host as IpAddress), port));
  await sleep(50);
  let sent = '';
  const write = (text: string, flags: number): void => {
    const bytes = new TextEncoder().encode(text);
    assert.equal(send(fd, bytes, bytes.length, flags | MSG_NOSIGNAL), bytes.length);
    sent += text;
  };
  for (let round = 0; round < 200; round++) {
    write(`before ${round} `, 0);
    write('!', MSG_OOB);
    write(`after ${round};`, 0);
    if (round % 20 === 0) await sleep(2);
  }
  await eventuallyEqual(() => received, sent, 3000);
});
