import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import {
  AF_INET,
  ECONNREFUSED,
  EINPROGRESS,
  EPOLLIN,
  EPOLLOUT,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
} from './constants.ts';
import { Epoll } from './epoll.ts';
import { accept4, close, connect, getsockname, lastErrno, recv, recvfrom, send } from './libc.ts';
import {
  freeAddress,
  openTcpListener,
  openTcpSocket,
  openUdpListeners,
  openUdpSocket,
  resetAndClose,
  takeSocketError,
} from './socket.ts';
import { SOCKET_ADDRESS_BYTES, socketAddressLength, socketAddressPort } from './socket-address.ts';
import { SystemCallError } from './system-call-error.ts';

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK6 = Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? 1 : 0));
const DOCUMENTATION = Uint8Array.of(192, 0, 2, 1);
const opened: number[] = [];

afterEach(() => {
  for (const fd of opened.splice(0)) close(fd);
});

describe('TCP sockets', () => {
  for (const [family, address] of [
    ['IPv4', LOOPBACK],
    ['IPv6', LOOPBACK6],
  ] as const) {
    test(`listen, connect and accept without blocking, ${family}`, () => {
      const listener = keep(openTcpListener(address, 0, 8));
      assert.equal(accept(listener), -1, 'nobody waits yet');
      const client = keep(openTcpSocket(family === 'IPv4' ? AF_INET : 10));
      connectTo(client, listener);
      const accepted = keep(accept(listener));
      assert.ok(accepted >= 0);
      send(client, Uint8Array.of(42), 1, MSG_NOSIGNAL);
      const buffer = new Uint8Array(8);
      assert.equal(recv(accepted, buffer, 8, 0), 1);
      assert.equal(buffer[0], 42);
    });
  }

  test('a refusal is taken from the socket once', () => {
    const listener = openTcpListener(LOOPBACK, 0, 8);
    const address = addressOf(listener);
    close(listener);
    const client = keep(openTcpSocket(AF_INET));
    assert.equal(connect(client, address, 16), -1);
    assert.ok(lastErrno() === EINPROGRESS || lastErrno() === ECONNREFUSED);
    assert.equal(takeSocketError(client), ECONNREFUSED);
    assert.equal(takeSocketError(client), 0);
  });

  test('a reset reaches the other side as an error, a close as an end', () => {
    const listener = keep(openTcpListener(LOOPBACK, 0, 8));
    for (const [end, expected] of [
      [resetAndClose, -1],
      [close, 0],
    ] as const) {
      const client = openTcpSocket(AF_INET);
      connectTo(client, listener);
      const accepted = keep(accept(listener));
      end(client);
      assert.equal(recv(accepted, new Uint8Array(1), 1, 0), expected);
    }
  });

  test('what cannot be bound is an error with call and code, and closes its socket', () => {
    const listener = keep(openTcpListener(LOOPBACK, 0, 8));
    const port = socketAddressPort(addressOf(listener));
    const next = openUdpSocket(AF_INET);
    close(next);
    for (let count = 0; count < 5; count++) {
      assert.throws(() => openTcpListener(LOOPBACK, port, 8), { code: 'EADDRINUSE' });
      assert.throws(() => openTcpListener(DOCUMENTATION, port, 8), { call: 'bind', code: 'EADDRNOTAVAIL' });
    }
    assert.equal(keep(openUdpSocket(AF_INET)), next, 'the lowest free descriptor is the same as before');
  });
});

describe('UDP sockets of several threads', () => {
  test('share an address; a client always reaches the same one', () => {
    const [first = -1, ...others] = openUdpListeners(LOOPBACK, freeUdpPort(), 4);
    const sockets = [first, ...others];
    for (const fd of sockets) keep(fd);
    assert.equal(sockets.length, 4);
    const reached = new Set<number>();
    for (let client = 0; client < 40; client++) {
      const fd = keep(openUdpSocket(AF_INET));
      connectTo(fd, first);
      for (let datagram = 0; datagram < 3; datagram++) send(fd, Uint8Array.of(client), 1, 0);
      const counts = sockets.map(takeAll);
      assert.deepEqual(
        counts.filter((count) => count > 0),
        [3],
      );
      reached.add(counts.indexOf(3));
    }
    assert.ok(reached.size > 1, 'clients are spread');
  });

  test('do not join an address that is taken, and leave nothing open', () => {
    const port = freeUdpPort();
    const sockets = openUdpListeners(LOOPBACK, port, 2);
    for (const fd of sockets) keep(fd);
    const next = openUdpSocket(AF_INET);
    close(next);
    assert.throws(() => openUdpListeners(LOOPBACK, port, 2), { code: 'EADDRINUSE' });
    assert.throws(() => openUdpListeners(DOCUMENTATION, port, 2), { code: 'EADDRNOTAVAIL' });
    assert.equal(keep(openUdpSocket(AF_INET)), next);
  });
});

describe('an address that is freed', () => {
  test('is free at once, although the descriptor is closed later', () => {
    const port = freeUdpPort();
    const [held = -1] = openUdpListeners(LOOPBACK, port, 1);
    keep(held);
    const sender = keep(openUdpSocket(AF_INET));
    connectTo(sender, held);
    const epoll = new Epoll(4);
    try {
      epoll.add(held, EPOLLIN, 1);
      freeAddress(held);
      const [next = -1] = openUdpListeners(LOOPBACK, port, 1);
      keep(next);
      send(sender, Uint8Array.of(42), 1, 0);
      assert.equal(recv(held, new Uint8Array(8), 8, 0), -1);
      assert.equal(recv(next, new Uint8Array(8), 8, 0), 1);
      assert.equal(epoll.wait(0), 0, 'nothing more is heard of it');
    } finally {
      epoll.close();
    }
  });
});

describe('epoll', () => {
  test('brings tokens of 32 bits back with their events', () => {
    const epoll = new Epoll(8);
    try {
      const listener = keep(openTcpListener(LOOPBACK, 0, 8));
      const client = keep(openTcpSocket(AF_INET));
      epoll.add(listener, EPOLLIN, 0xfffffff0);
      assert.equal(epoll.wait(0), 0);
      connectTo(client, listener);
      assert.equal(epoll.wait(1000), 1);
      assert.deepEqual([epoll.token(0), epoll.events(0)], [0xfffffff0, EPOLLIN]);
      epoll.remove(listener);
      epoll.add(client, EPOLLOUT, 7);
      assert.equal(epoll.wait(1000), 1);
      assert.deepEqual([epoll.token(0), epoll.events(0)], [7, EPOLLOUT]);
      epoll.modify(client, EPOLLIN, 8);
      assert.equal(epoll.wait(0), 0);
    } finally {
      epoll.close();
    }
  });

  test('brings no more events at once than asked for, and the rest the next time', () => {
    const epoll = new Epoll(2);
    try {
      const tokens = new Set<number>();
      for (let token = 0; token < 5; token++) {
        const fd = keep(openUdpSocket(AF_INET));
        epoll.add(fd, EPOLLOUT, token);
      }
      for (let round = 0; round < 20; round++) {
        const count = epoll.wait(0);
        assert.ok(count <= 2);
        for (let at = 0; at < count; at++) tokens.add(epoll.token(at));
      }
      assert.equal(tokens.size, 5);
    } finally {
      epoll.close();
    }
  });

  test('says which call failed', () => {
    const epoll = new Epoll(1);
    try {
      assert.throws(() => epoll.remove(-1), new SystemCallError('epoll_ctl', 9));
    } finally {
      epoll.close();
    }
  });
});

function keep(fd: number): number {
  opened.push(fd);
  return fd;
}

function addressOf(fd: number): Uint8Array {
  const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  getsockname(fd, address, new Uint8Array(Uint32Array.of(SOCKET_ADDRESS_BYTES).buffer));
  return address;
}

function connectTo(fd: number, listener: number): void {
  const address = addressOf(listener);
  connect(fd, address, socketAddressLength(address));
}

function accept(listener: number): number {
  return accept4(listener, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

function freeUdpPort(): number {
  const [probe = -1] = openUdpListeners(LOOPBACK, 0, 1);
  const port = socketAddressPort(addressOf(probe));
  close(probe);
  return port;
}

function takeAll(fd: number): number {
  const buffer = new Uint8Array(8);
  let count = 0;
  while (recvfrom(fd, buffer, 8, 0, null, null) >= 0) count++;
  return count;
}
