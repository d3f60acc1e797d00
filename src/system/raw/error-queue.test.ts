import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AF_INET, IP_RECVERR, IPPROTO_IP, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from '../constants.ts';
import { close, sendto, socket } from '../libc.ts';
import { takeSocketError } from '../socket.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from '../socket-address.ts';
import { SO_EE_ORIGIN_ICMP } from './constants.ts';
import { takeQueuedError } from './error-queue.ts';
import { integerBytes, prepared, setOption } from './socket-option.ts';

const ECONNREFUSED = 111;
/** ICMP's port unreachable (RFC 792). */
const UNREACHABLE = { type: 3, code: 3 };

test('errors that ICMP told are read whole, also while memory is collected', async (t) => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const fd = prepared(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), (opened) =>
    setOption(opened, IPPROTO_IP, IP_RECVERR, integerBytes(1), 'IP_RECVERR'),
  );
  t.after(() => close(fd));
  const loopback = Uint8Array.of(127, 0, 0, 1);
  const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const length = writeSocketAddress(address, loopback, await closedPort());
  assert.equal(takeQueuedError(fd), undefined);
  for (let round = 0; round < 50; round++) {
    takeSocketError(fd);
    assert.equal(sendto(fd, Uint8Array.of(1, 2, round), 3, 0, address, length), 3);
    collect();
    const found = takeQueuedError(fd);
    assert.deepEqual(found, {
      errno: ECONNREFUSED,
      origin: SO_EE_ORIGIN_ICMP,
      ...UNREACHABLE,
      offender: loopback,
      payload: Uint8Array.of(1, 2, round),
    });
  }
  assert.equal(takeQueuedError(fd), undefined);
});

/** A port of 127.0.0.1 on which nobody listens any more. */
async function closedPort(): Promise<number> {
  const listener = createSocket('udp4');
  await new Promise<void>((resolve) => void listener.bind(0, '127.0.0.1', resolve));
  const { port } = listener.address();
  await new Promise<void>((resolve) => void listener.close(resolve));
  return port;
}
