import assert from 'node:assert/strict';
import { createHash, type Hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceId } from '../../src/model/service.ts';
import { eventually, eventuallyEqual } from './fixture/eventually.ts';
import { RelayBench, whereabouts } from './fixture/relay-bench.ts';
import { startTcpServer } from './fixture/tcp-server.ts';

const timeout = 60_000;
const MEBIBYTE = 1024 * 1024;
const chunk = randomBytes(MEBIBYTE);

describe('transfers', () => {
  const bench = RelayBench.shared();

  test('200 MiB each way at once arrive as they were sent, and are counted to the byte', {
    timeout,
  }, async (t) => {
    const total = 200 * MEBIBYTE;
    const received: { up?: Promise<string>; down?: Promise<string> } = {};
    const server = await startTcpServer(t, 'a', {
      serve: (socket) => {
        received.up = digestOf(socket);
        void sendAll(socket, total);
      },
    });
    const id = await bench.serve(t, [server]);
    const socket = await connectTo(t, id);
    received.down = digestOf(socket);
    await sendAll(socket, total);
    const sent = digestSent(total);
    assert.equal(await received.down, sent);
    assert.equal(await received.up, sent);
    await eventuallyEqual(() => bench.states(id), ['TIME_WAIT']);
    const { counters } = (await bench.service(id)).statistics;
    assert.deepEqual([counters.inBytes, counters.outBytes], [BigInt(total), BigInt(total)]);
  });

  test('any size passes, in any number of pieces', { timeout }, async (t) => {
    const server = await startTcpServer(t, 'a', { serve: (socket) => socket.pipe(socket) });
    const id = await bench.serve(t, [server]);
    const around = [1, 2, 1460, 4096, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 524_288, 2_500_000];
    await Promise.all(
      around.map(async (size) => {
        const socket = await connectTo(t, id);
        const echoed = digestOf(socket);
        const data = chunk.length >= size ? chunk.subarray(0, size) : randomBytes(size);
        const pieces = 1 + (size % 7);
        for (let piece = 0; piece < pieces; piece++) {
          const from = Math.floor((size * piece) / pieces);
          socket.write(data.subarray(from, Math.floor((size * (piece + 1)) / pieces)));
          await sleep(1);
        }
        socket.end();
        assert.equal(await echoed, createHash('sha256').update(data).digest('hex'), `${size} bytes`);
      }),
    );
  });

  test('a side that has ended still receives everything, in either direction', { timeout }, async (t) => {
    const total = 20 * MEBIBYTE;
    const late: { up?: Promise<string> } = {};
    const answersLater = await startTcpServer(t, 'a', {
      serve: (socket) => {
        socket.resume().once('end', () => void sendAll(socket, total));
      },
    });
    const listensLater = await startTcpServer(t, 'b', {
      serve: (socket) => {
        late.up = digestOf(socket);
        socket.end('b\n');
      },
    });
    const first = await connectTo(t, await bench.serve(t, [answersLater]));
    first.end('question');
    assert.equal(await digestOf(first), digestSent(total));

    const second = await connectTo(t, await bench.serve(t, [listensLater]));
    second.resume();
    await once(second, 'end');
    await sendAll(second, total);
    assert.equal(await late.up, digestSent(total));
  });

  test('a client that reads nothing is fed no more than buffers hold; everything arrives once it reads', {
    timeout,
  }, async (t) => {
    const total = 300 * MEBIBYTE;
    let taken = 0;
    const server = await startTcpServer(t, 'a', {
      serve: (socket) => void sendAll(socket, total, (sent) => (taken = sent)),
    });
    const id = await bench.serve(t, [server]);
    const before = process.memoryUsage().rss;
    const socket = await connectTo(t, id);
    await stalled(() => taken);
    const growth = (process.memoryUsage().rss - before) / MEBIBYTE;
    assert.ok(taken < total / 2, `${taken} bytes were taken from the server`);
    assert.ok(growth < 64, `memory grew by ${growth.toFixed()} MiB`);
    assert.equal(await digestOf(socket), digestSent(total));
  });

  test('a server that reads nothing is fed no more than buffers hold either', { timeout }, async (t) => {
    const total = 300 * MEBIBYTE;
    let taken = 0;
    const held: Socket[] = [];
    const server = await startTcpServer(t, 'a', { serve: (socket) => void held.push(socket.pause()) });
    const id = await bench.serve(t, [server]);
    const before = process.memoryUsage().rss;
    const socket = await connectTo(t, id);
    void sendAll(socket, total, (sent) => (taken = sent));
    await stalled(() => taken);
    const growth = (process.memoryUsage().rss - before) / MEBIBYTE;
    assert.ok(taken < total / 2 && growth < 64, `${taken} bytes taken, memory grew by ${growth} MiB`);
    const [accepted] = held;
    assert.ok(accepted);
    assert.equal(await digestOf(accepted), digestSent(total));
  });

  test('slow readers get everything and hold nobody up', { timeout }, async (t) => {
    const total = 4 * MEBIBYTE;
    const server = await startTcpServer(t, 'a', { serve: (socket) => void sendAll(socket, total) });
    const id = await bench.serve(t, [server]);
    const slow = Array.from({ length: 20 }, async () => {
      const socket = await connectTo(t, id);
      const digest = createHash('sha256');
      for await (const piece of socket) {
        digest.update(piece as Buffer);
        if (Math.random() < 0.05) await sleep(5);
      }
      return digest.digest('hex');
    });
    const from = performance.now();
    const fast = await connectTo(t, id);
    assert.equal(await digestOf(fast), digestSent(total));
    assert.ok(performance.now() - from < 5000);
    assert.deepEqual(new Set(await Promise.all(slow)), new Set([digestSent(total)]));
  });

  test('clients that send nothing cost nobody anything', { timeout }, async (t) => {
    const server = await startTcpServer(t, 'a', { serve: (socket) => socket.pipe(socket) });
    const id = await bench.serve(t, [server]);
    await Promise.all(Array.from({ length: 200 }, () => connectTo(t, id)));
    const socket = await connectTo(t, id);
    const echoed = digestOf(socket);
    await sendAll(socket, 10 * MEBIBYTE);
    assert.equal(await echoed, digestSent(10 * MEBIBYTE));
    await eventuallyEqual(() => bench.counts(id, server), [200, 1]);
  });

  for (const side of ['client', 'server'] as const) {
    test(`a ${side}'s reset is noticed although its bytes wait for the other side`, {
      timeout,
    }, async (t) => {
      const held: Socket[] = [];
      const server = await startTcpServer(t, 'a', { serve: (socket) => void held.push(socket.pause()) });
      const id = await bench.serve(t, [server]);
      const client = await connectTo(t, id);
      await eventually('the server has the connection', () => held.length === 1);
      const [accepted] = held;
      assert.ok(accepted);
      let taken = 0;
      const sender = side === 'client' ? client : accepted;
      void sendAll(sender, 300 * MEBIBYTE, (sent) => (taken = sent)).catch(() => undefined);
      await stalled(() => taken);
      sender.resetAndDestroy();
      await eventuallyEqual(() => bench.states(id), ['CLOSE'], 3000);
      assert.deepEqual(await bench.counts(id, server), [0, 1]);
    });
  }
});

async function connectTo(t: TestContext, id: ServiceId): Promise<Socket> {
  const socket = connect({ ...whereabouts(id), allowHalfOpen: true, noDelay: true });
  socket.on('error', () => socket.destroy());
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Sends so many bytes, as fast as they are taken, then ends. */
async function sendAll(socket: Socket, total: number, progress?: (sent: number) => void): Promise<void> {
  for (let sent = 0; sent < total; sent += chunk.length) {
    if (!socket.write(chunk.subarray(0, Math.min(chunk.length, total - sent)))) await once(socket, 'drain');
    progress?.(sent);
  }
  socket.end();
}

function digestSent(total: number): string {
  const digest: Hash = createHash('sha256');
  for (let sent = 0; sent < total; sent += chunk.length) {
    digest.update(chunk.subarray(0, Math.min(chunk.length, total - sent)));
  }
  return digest.digest('hex');
}

/** The hash of everything that a socket receives until its end. */
async function digestOf(socket: Socket): Promise<string> {
  const digest = createHash('sha256');
  socket.on('data', (data) => void digest.update(data)).resume();
  await once(socket, 'end');
  return digest.digest('hex');
}

/** Waits until a count has grown and then stands still. */
async function stalled(count: () => number): Promise<void> {
  for (let last = -1; last !== count() || last === 0; ) {
    last = count();
    await sleep(500);
  }
}
