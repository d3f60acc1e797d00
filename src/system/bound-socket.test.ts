import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBoundTcpSocket, openBoundUdpSocket, type SocketOrigin } from './bound-socket.ts';
import { SO_LINGER, SO_MARK, SO_REUSEADDR, SOL_SOCKET } from './constants.ts';
import { close, getsockname, getsockopt, setsockopt } from './libc.ts';
import { openTcpListener } from './socket.ts';
import { SOCKET_ADDRESS_BYTES, socketAddressBytes, socketAddressPort } from './socket-address.ts';

const root = process.getuid?.() === 0 ? false : 'needs root: SO_MARK takes CAP_NET_ADMIN';
const OPENERS = { TCP: openBoundTcpSocket, UDP: openBoundUdpSocket };

for (const [name, open] of Object.entries(OPENERS)) {
  const opened = (origin: SocketOrigin, look: (fd: number) => void): void => {
    const fd = open('inet', origin);
    try {
      look(fd);
    } finally {
      close(fd);
    }
  };

  test(`a ${name} socket has its mark and interface`, { skip: root }, () => {
    opened({ mark: 0xfffffffe, interface: 'lo' }, (fd) => assert.equal(numbers(fd, SO_MARK)[0], 0xfffffffe));
  });

  test(`a ${name} socket is bound to its address`, () => {
    opened({ address: Uint8Array.of(127, 0, 0, 9) }, (fd) => {
      const bound = nameOf(fd);
      assert.deepEqual([...socketAddressBytes(bound)], [127, 0, 0, 9]);
      // TCP finds one that is free for the peer when it connects.
      assert.equal(socketAddressPort(bound) === 0, name === 'TCP');
    });
  });

  test(`a ${name} socket that cannot be prepared says at which step, and is closed`, () => {
    assert.throws(() => open('inet', { interface: 'no-such-if0' }), {
      call: 'SO_BINDTODEVICE',
      code: 'ENODEV',
    });
    assert.throws(() => open('inet', { address: Uint8Array.of(192, 0, 2, 1) }), {
      call: 'bind',
      code: 'EADDRNOTAVAIL',
    });
    assert.throws(() => open('inet6', { address: new Uint8Array(16).fill(0xfd) }), { call: 'bind' });
  });
}

test('only a TCP socket with a port of its own ends by RST', () => {
  const fd = openBoundTcpSocket('inet', { address: Uint8Array.of(127, 0, 0, 9) });
  assert.deepEqual([...numbers(fd, SO_LINGER)], [0, 0]);
  const port = freePort();
  const other = openBoundTcpSocket('inet', { port });
  assert.deepEqual([...numbers(other, SO_LINGER)], [1, 0]);
  assert.equal(socketAddressPort(nameOf(other)), port);
  close(fd);
  close(other);
});

function numbers(fd: number, option: number): Uint32Array {
  const value = new Uint32Array(2);
  getsockopt(fd, SOL_SOCKET, option, new Uint8Array(value.buffer), new Uint8Array(Uint32Array.of(8).buffer));
  return value;
}

function nameOf(fd: number): Uint8Array {
  const name = new Uint8Array(SOCKET_ADDRESS_BYTES);
  getsockname(fd, name, new Uint8Array(Uint32Array.of(SOCKET_ADDRESS_BYTES).buffer));
  return name;
}

/** The system's choice; nobody has it any more. */
function freePort(): number {
  const fd = openTcpListener(Uint8Array.of(127, 0, 0, 9), 0, 1);
  const port = socketAddressPort(nameOf(fd));
  close(fd);
  return port;
}

test('UDP sockets have ports of their own, also when those before may share theirs', () => {
  const sockets = Array.from({ length: 400 }, () => {
    const fd = openBoundUdpSocket('inet', {});
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, new Uint8Array(Int32Array.of(1).buffer), 4);
    return fd;
  });
  const ports = new Set(sockets.map((fd) => socketAddressPort(nameOf(fd))));
  for (const fd of sockets) close(fd);
  assert.equal(ports.size, 400);
});
