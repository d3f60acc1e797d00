import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, test } from 'node:test';
import { FakeDirector } from '../fake-director.ts';
import { FakeEngine } from '../fake-engine.ts';
import { EventStreams, type EventStreamsOptions, eventsAfter } from './event-stream.ts';

let director: FakeDirector;
let server: Server;
const refusals: unknown[] = [];

beforeEach(() => {
  director = new FakeDirector(new FakeEngine());
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  refusals.length = 0;
});

test('a silent stream is kept alive by comments', async () => {
  await serve({ heartbeat: 5 });
  const response = await read();
  let text = '';
  for await (const piece of response.setEncoding('utf8')) {
    text += piece;
    if (text.length >= 12) break;
  }
  assert.match(text, /^(:\n\n){4,}$/);
});

test('streams beyond the limit are refused, and there is room again when one ends', async () => {
  const streams = await serve({ mostStreams: 2 });
  const [first] = [await read(), await read()];
  assert.equal((await read()).statusCode, 429);
  assert.match(String(refusals[0]), /2 streams of events are open already/);
  first?.destroy();
  for (let round = 0; round < 500 && director.listeners.size > 1; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const again = await read();
  assert.equal(again.statusCode, 200);
  const ended = once(again.resume(), 'end');
  streams.close();
  await ended;
  assert.equal(director.listeners.size, 0);
});

test('what waits for a reader is bounded', async () => {
  await serve({ mostWaiting: 10_000 });
  const response = await read();
  response.on('error', () => undefined);
  response.pause();
  // More than the buffers of both sockets hold.
  for (let count = 0; count < 1000 && director.listeners.size > 0; count++) {
    director.happen({ kind: 'change', text: 'x'.repeat(100_000) });
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(director.listeners.size, 0);
});

test('a reader that knows a director of before is told everything of this one', () => {
  for (const text of ['one', 'two', 'three']) director.happen({ kind: 'change', text });
  server = createServer();
  const after = (id: number) => eventsAfter(director, id).map(({ text }) => text);
  assert.deepEqual(after(0), ['one', 'two', 'three']);
  assert.deepEqual(after(2), ['three']);
  assert.deepEqual(after(3), []);
  assert.deepEqual(after(4), ['one', 'two', 'three']);
});

async function serve(options: EventStreamsOptions): Promise<EventStreams> {
  const streams = new EventStreams(director, options);
  server = createServer((_request, response) => {
    try {
      streams.open(response, 0);
    } catch (error) {
      refusals.push(error);
      response.writeHead((error as { status: number }).status).end();
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return streams;
}

async function read(): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage];
  return response;
}
