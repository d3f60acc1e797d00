import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { AF_INET, MSG_NOSIGNAL, SHUT_WR, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../../../system/constants.ts';
import { accept4, close, connect, getsockname, recv, send, shutdown } from '../../../system/libc.ts';
import { openTcpListener, openTcpSocket, resetAndClose } from '../../../system/socket.ts';
import { SOCKET_ADDRESS_BYTES } from '../../../system/socket-address.ts';
import { BUFFER_BYTES, BufferPool } from './buffer-pool.ts';
import { Stream, type StreamModules } from './stream.ts';

const opened = new Set<number>();

describe('stream', () => {
  afterEach(() => {
    for (const fd of opened) close(fd);
    opened.clear();
  });

  test('passes bytes on and counts them', () => {
    const { source, sink, stream, modules, meter } = setUp();
    assert.equal(stream.advance(modules), 'idle');
    write(source, 'hello ');
    write(source, 'world');
    assert.equal(stream.advance(modules), 'idle');
    assert.equal(read(sink), 'hello world');
    assert.deepEqual(meter, { reads: 1, bytes: 11 });
  });

  test('puts a preamble in front', () => {
    const { source, sink, stream, modules, meter } = setUp();
    stream.prepend(new TextEncoder().encode('PROXY '));
    write(source, 'hello');
    assert.equal(stream.advance(modules), 'idle');
    assert.equal(read(sink), 'PROXY hello');
    assert.equal(meter.bytes, 5, 'a preamble is not the client’s');
  });

  test('passes the end on after the last byte, once', () => {
    const { source, sink, stream, modules } = setUp();
    write(source, 'bye');
    shutdown(source, SHUT_WR);
    stream.readOn = true;
    assert.equal(stream.advance(modules), 'finished');
    assert.equal(stream.finished, true);
    assert.equal(read(sink), 'bye');
    assert.equal(read(sink), '', 'the end');
    assert.equal(stream.advance(modules), 'finished');
  });

  test('without the announcement of an end, a short read is the last word until the next event', () => {
    const { source, stream, modules } = setUp();
    write(source, 'bye');
    shutdown(source, SHUT_WR);
    assert.equal(stream.advance(modules), 'idle');
    assert.equal(stream.advance(modules), 'finished');
  });

  test('stops reading while its sink is full, and loses nothing', () => {
    const { source, sink, stream, modules, meter } = setUp();
    let sent = 0;
    let stalled = 0;
    while (stalled < 3) {
      const length = send(source, pattern(sent), BUFFER_BYTES, MSG_NOSIGNAL);
      sent += Math.max(0, length);
      const before = meter.bytes;
      while (stream.advance(modules) === 'more');
      stalled = length < 0 && meter.bytes === before ? stalled + 1 : 0;
    }
    assert.ok(meter.bytes < sent, 'the rest waits in the source');
    assert.equal(stream.advance(modules), 'idle');
    let received = 0;
    const buffer = new Uint8Array(BUFFER_BYTES);
    while (received < sent) {
      const length = recv(sink, buffer, buffer.length, 0);
      if (length > 0) {
        assert.deepEqual(buffer.subarray(0, length), pattern(received).subarray(0, length));
        received += length;
      }
      stream.advance(modules);
    }
    assert.equal(meter.bytes, sent);
  });

  test('passes a kept rest on before the end', () => {
    const { source, sink, stream, modules, meter } = setUp();
    while (send(source, pattern(0), BUFFER_BYTES, MSG_NOSIGNAL) > 0) stream.advance(modules);
    while (stream.advance(modules) === 'more');
    shutdown(source, SHUT_WR);
    stream.readOn = true;
    assert.notEqual(stream.advance(modules), 'finished');
    const buffer = new Uint8Array(BUFFER_BYTES);
    let received = 0;
    for (let length = 1; length !== 0; length = recv(sink, buffer, buffer.length, 0)) {
      if (length > 0) received += length;
      stream.advance(modules);
    }
    assert.equal(received - 1, meter.bytes);
    assert.equal(stream.finished, true);
  });

  test('gives others a turn after a while', () => {
    const { source, sink, stream, modules, meter } = setUp();
    const buffer = new Uint8Array(BUFFER_BYTES);
    const turns = [];
    for (let turn = 0; turn < 200; turn++) {
      while (send(source, pattern(0), BUFFER_BYTES, MSG_NOSIGNAL) > 0);
      const before = meter.bytes;
      turns.push(stream.advance(modules));
      assert.ok(meter.bytes - before <= 8 * BUFFER_BYTES);
      while (recv(sink, buffer, buffer.length, 0) > 0);
    }
    assert.ok(turns.every((state) => state === 'idle' || state === 'more'));
  });

  test('tells a source that failed from a sink that broke', () => {
    const one = setUp();
    resetAndClose(one.source);
    opened.delete(one.source);
    assert.equal(one.stream.advance(one.modules), 'failed');

    const other = setUp();
    resetAndClose(other.sink);
    opened.delete(other.sink);
    write(other.source, 'hello');
    assert.equal(other.stream.advance(other.modules), 'broken');
  });

  test('gives its buffer back when it is released', () => {
    const { source, stream, modules, buffers } = setUp();
    while (send(source, pattern(0), BUFFER_BYTES, MSG_NOSIGNAL) > 0) stream.advance(modules);
    while (stream.advance(modules) === 'more');
    const marked = modules.reading;
    stream.release(modules);
    const kept = buffers.take();
    assert.notEqual(kept, marked);
    assert.equal(kept[0], pattern(0)[0], 'the buffer that held the unsent bytes');
    stream.release(modules);
    assert.notEqual(buffers.take(), kept, 'it is given once');
  });
});

/** A stream between two connections: write to `source`, read from `sink`. */
function setUp() {
  const [source, from] = connected();
  const [to, sink] = connected();
  const buffers = new BufferPool(4);
  const meter = { reads: 0, bytes: 0 };
  const modules: StreamModules = {
    buffers,
    reading: buffers.take(),
    read: (bytes) => {
      meter.reads++;
      meter.bytes += bytes;
    },
  };
  return { source, sink, stream: new Stream(from, to), modules, buffers, meter };
}

/** Both ends of a TCP connection over loopback. */
function connected(): [number, number] {
  const listener = openTcpListener(Uint8Array.of(127, 0, 0, 1), 0, 1);
  const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const length = new Uint8Array(Uint32Array.of(SOCKET_ADDRESS_BYTES).buffer);
  getsockname(listener, address, length);
  const client = openTcpSocket(AF_INET);
  connect(client, address, 16);
  const accepted = accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  close(listener);
  assert.ok(accepted >= 0);
  opened.add(client);
  opened.add(accepted);
  return [client, accepted];
}

function write(fd: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  assert.equal(send(fd, bytes, bytes.length, MSG_NOSIGNAL), bytes.length);
}

function read(fd: number): string {
  const buffer = new Uint8Array(1024);
  const length = recv(fd, buffer, buffer.length, 0);
  assert.ok(length >= 0);
  return new TextDecoder().decode(buffer.subarray(0, length));
}

const endless = Uint8Array.from({ length: BUFFER_BYTES + 251 }, (_, at) => at % 251);

/** A buffer's worth of bytes that tell their position in the stream. */
function pattern(position: number): Uint8Array {
  return endless.subarray(position % 251, (position % 251) + BUFFER_BYTES);
}
