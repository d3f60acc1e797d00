import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { AF_INET, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../../system/constants.ts';
import { Epoll } from '../../../system/epoll.ts';
import { accept4, close, connect, getsockname, recv, send } from '../../../system/libc.ts';
import { openTcpListener, openTcpSocket } from '../../../system/socket.ts';
import { SOCKET_ADDRESS_BYTES } from '../../../system/socket-address.ts';
import { ToBalancer } from '../channel/message.ts';
import { createRingMemory, RingConsumer, RingProducer } from '../channel/ring.ts';
import { createSharedMemory, DESTINATION_ROW_BYTES } from '../channel/shared-memory.ts';
import { PumpContext, TOKEN_TCP_CLIENT } from './pump-context.ts';
import { TcpPump } from './tcp-pump.ts';

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const SLOT = 5;
const [WORKING, DEAD] = [0, 1];
const opened: number[] = [];
let bench: ReturnType<typeof setUp>;

describe('TCP pump', () => {
  beforeEach(() => {
    bench = setUp();
  });

  afterEach(() => {
    bench.pump.endAll();
    bench.epoll.close();
    for (const fd of opened.splice(0)) close(fd);
  });

  test('reports the life of a connection, and nothing after its end', () => {
    const client = bench.accept();
    bench.pump.forward(SLOT, client.accepted, WORKING);
    assert.deepEqual(bench.run(), ['connected 5']);
    bench.pump.end(SLOT);
    bench.pump.end(SLOT);
    bench.pump.abandon(SLOT, 110);
    assert.deepEqual(bench.run(), ['ended 5']);
    assert.equal(recv(client.fd, new Uint8Array(1), 1, 0), -1, 'the client is reset');
  });

  test('a refusal is reported once, although giving up crosses it', () => {
    const client = bench.accept();
    bench.pump.forward(SLOT, client.accepted, DEAD);
    assert.deepEqual(bench.run(), ['refused 5']);
    bench.pump.abandon(SLOT, 110);
    assert.deepEqual(bench.run(), []);
    bench.pump.forward(SLOT, -1, WORKING);
    assert.deepEqual(bench.run(), ['connected 5']);
  });

  test('the next try closes the socket of the one before', () => {
    const client = bench.accept();
    const free = openTcpSocket(AF_INET);
    close(free);
    for (let tries = 0; tries < 5; tries++) {
      bench.pump.forward(SLOT, tries === 0 ? client.accepted : -1, DEAD);
      assert.deepEqual(bench.run(), ['refused 5']);
    }
    bench.pump.end(SLOT);
    // The lowest free descriptors are the accepted one, which was closed, and that of the tries.
    assert.deepEqual(
      [keep(openTcpSocket(AF_INET)), keep(openTcpSocket(AF_INET))].sort(byNumber),
      [client.accepted, free].sort(byNumber),
    );
  });

  test('a connection that takes the place of another is not hurt by its late events', () => {
    const first = bench.accept();
    bench.pump.forward(SLOT, first.accepted, WORKING);
    bench.run();
    bench.pump.end(SLOT);
    const second = bench.accept();
    bench.pump.forward(SLOT + 1, second.accepted, WORKING);
    assert.deepEqual(bench.run(), ['ended 5', 'connected 6']);
    bench.pump.round();
    send(second.fd, Uint8Array.of(1), 1, MSG_NOSIGNAL);
    assert.deepEqual(bench.run(), []);
    bench.pump.end(SLOT);
    assert.deepEqual(bench.run(), []);
  });
});

/** A pump without its loop: the test plays the loop and the balancer. */
function setUp() {
  const memory = createSharedMemory(1);
  const destinations = new Uint8Array(memory.destinations);
  const working = keep(openTcpListener(LOOPBACK, 0, 16));
  const dead = openTcpListener(LOOPBACK, 0, 16);
  destinations.set(addressOf(working), WORKING * DESTINATION_ROW_BYTES);
  destinations.set(addressOf(dead), DEAD * DESTINATION_ROW_BYTES);
  close(dead);
  const listener = keep(openTcpListener(LOOPBACK, 0, 16));
  const ring = createRingMemory(64);
  const producer = new RingProducer(ring, () => undefined);
  const consumer = new RingConsumer(ring);
  const epoll = new Epoll(64);
  const pump = new TcpPump(new PumpContext(epoll, producer, memory, 0));
  const names = new Map<number, string>(Object.entries(ToBalancer).map(([name, kind]) => [kind, name]));
  return {
    pump,
    epoll,
    /** A client that was accepted; the accepted socket is the pump's to close. */
    accept: (): { readonly fd: number; readonly accepted: number } => {
      const fd = keep(openTcpSocket(AF_INET));
      connect(fd, addressOf(listener), 16);
      return { fd, accepted: accept4(listener, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC) };
    },
    /** Handles events until none come for a while; what the balancer was told. */
    run: (): string[] => {
      for (let count = epoll.wait(20); count > 0; count = epoll.wait(20)) {
        for (let at = 0; at < count; at++) {
          const index = epoll.token(at) >>> 2;
          if ((epoll.token(at) & 3) === TOKEN_TCP_CLIENT) pump.clientEvent(index, epoll.events(at));
          else pump.serverEvent(index, epoll.events(at));
        }
      }
      producer.flush();
      const told: string[] = [];
      consumer.drain((words, at) => told.push(`${names.get(words[at] ?? 0)} ${words[at + 1]}`), 64);
      return told;
    },
  };
}

function keep(fd: number): number {
  opened.push(fd);
  return fd;
}

function addressOf(fd: number): Uint8Array {
  const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  getsockname(fd, address, new Uint8Array(Uint32Array.of(SOCKET_ADDRESS_BYTES).buffer));
  return address;
}

function byNumber(one: number, other: number): number {
  return one - other;
}
