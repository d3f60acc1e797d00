// biome-ignore-all lint/suspicious/noThenProperty: bodies of requests, which nobody awaits
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import { NO_SCHEDULER_FLAGS } from '../model/service.ts';
import { FakeDirector } from './fake-director.ts';
import { ROUTES } from './protocol.ts';
import { RunningApi } from './running-api.ts';

const engine = new MemoryEngine();
const director = new FakeDirector(engine);
let api: RunningApi;
let table: unknown;

before(async () => {
  api = await RunningApi.start(engine, {}, director);
  const service = parseServiceKey('tcp 192.0.2.10:80');
  assert.ok(service !== undefined);
  const settings = {
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: '255.255.255.255' as never,
    onePacket: false,
  };
  assert.deepEqual(await engine.execute([{ kind: 'add-service', service, settings }]), [undefined]);
  table = await engine.snapshot();
});

after(() => api.close());

/** The table is as it was, and the server still answers. */
async function assertUnharmed(): Promise<void> {
  assert.deepEqual(await engine.snapshot(), table);
  assert.equal((await api.send('GET', ROUTES.info.path)).status, 200);
  assert.deepEqual(api.failures, []);
}

const flush = '{"operations":[{"kind":"flush"}]}';
const path = fc.oneof(
  fc.constantFrom(...Object.values(ROUTES).map((route) => route.path)),
  fc.webPath().map((text) => `/${text}`),
  fc.constantFrom('/%zz', '/v1/table%00', '//v1/table', '/v1/table/', '/v1/../v1/table', '*'),
  fc.webQueryParameters().map((query) => `${ROUTES.service.path}?${query}`),
  fc.string().map((key) => `${ROUTES.service.path}?key=${encodeURIComponent(key)}`),
  fc
    .tuple(fc.constantFrom(...Object.values(ROUTES).map((route) => route.path)), fc.webQueryParameters())
    .map(([route, query]) => `${route}?${query}`),
  fc
    .tuple(
      fc.constantFrom('explain', 'events', 'connections', 'metrics'),
      fc.dictionary(
        fc.constantFrom(
          'after',
          'client',
          'service',
          'destination',
          'limit',
          'cursor',
          'collect[]',
          '__proto__',
        ),
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.integer().map(String),
          fc.ipV4(),
          fc.ipV6(),
          fc.constantFrom('tcp 192.0.2.10:80', 'fwmark 3', 'ipvs', 'djE6', '1e3', '0x10', '-0'),
        ),
      ),
    )
    .map(([name, query]) => `${ROUTES[name].path}?${new URLSearchParams(query)}`),
);
/** Almost what the routes take that drain and restore. */
const selection = fc.record(
  {
    address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.jsonValue()),
    port: fc.oneof(fc.integer(), fc.double(), fc.string()),
    service: fc.oneof(fc.constantFrom('tcp 192.0.2.10:80', 'fwmark 0'), fc.string(), fc.jsonValue()),
    deadline: fc.oneof(fc.integer(), fc.constantFrom(-1, 1.5, 2 ** 31, null)),
    then: fc.constantFrom('remove', 'leave', 'stay', null, 1),
  },
  { requiredKeys: [] },
);

test('random requests are answered, and never change the table', async () => {
  const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND');
  const type = fc.constantFrom(
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    '',
    'x/y',
  );
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.jsonValue().map((operations) => JSON.stringify({ operations })),
    selection.map((fields) => JSON.stringify(fields)),
    fc.jsonValue().map((operation) => JSON.stringify({ operations: [operation] })),
    // A good request but for a few characters; whatever is still good would empty the table.
    fc
      .tuple(fc.nat(flush.length - 1), fc.string({ minLength: 1, maxLength: 3 }))
      .map(([at, text]) => flush.slice(0, at) + text + flush.slice(at + text.length))
      .filter((text) => !isFlush(text)),
  );
  await fc.assert(
    fc.asyncProperty(method, path, type, body, async (verb, target, contentType, content) => {
      const { status, body: answer } = await api.send(verb, target, content, { 'content-type': contentType });
      const harmless = isEmptyBatch(content) || target === ROUTES.reload.path;
      assert.ok(status < 500, `${verb} ${target}: ${status} ${answer}`);
      assert.ok(verb === 'GET' || harmless || status >= 400, `${verb} ${target}: ${status}`);
      if (status >= 400 && verb !== 'HEAD') {
        const codes =
          status === 404
            ? ['REQUEST_INVALID', 'SERVICE_NOT_FOUND', 'DESTINATION_NOT_FOUND']
            : ['REQUEST_INVALID'];
        assert.ok(codes.includes(JSON.parse(answer).code), `${verb} ${target}: ${answer}`);
      }
      await assertUnharmed();
    }),
    { numRuns: 600 },
  );
});

test('random bytes on the socket harm nobody', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .string({ unit: 'binary' })
      .map((text) => Buffer.from(`POST ${ROUTES.operations.path} HTTP/1.1\r\n${text}`)),
    fc.nat(200).map((length) => Buffer.from(`${head(length)}${flush}`).subarray(0, -1)),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (given) => {
      await throwAt(api.socketPath, given);
      await assertUnharmed();
    }),
    { numRuns: 200 },
  );
});

test('a stream of events begins wherever it is told to, and leaves no reader behind', async () => {
  const header = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer().map(String),
    fc.constantFrom('', '1e9', '-1'),
  );
  await fc.assert(
    fc.asyncProperty(header, header, async (last, accept) => {
      const lines = `accept: text/event-stream${accept}\r\nlast-event-id: ${last}\r\n`;
      await throwAt(
        api.socketPath,
        Buffer.from(`GET ${ROUTES.events.path} HTTP/1.1\r\nhost: x\r\n${lines}\r\n`),
      );
      await assertUnharmed();
    }),
    { numRuns: 50 },
  );
  for (let round = 0; round < 500 && director.listeners.size > 1; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(director.listeners.size, 1, 'that of the metrics');
});

test('a prototype cannot be poisoned through a body', async () => {
  for (const key of ['__proto__', 'constructor']) {
    const body = `{"operations":[],"${key}":{"prototype":{"kind":"flush"}}}`;
    assert.equal((await api.send('POST', ROUTES.operations.path, body)).status, 400);
  }
  await assertUnharmed();
});

function head(length: number): string {
  return `POST ${ROUTES.operations.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length + flush.length}\r\n\r\n`;
}

function throwAt(socketPath: string, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(socketPath, () => socket.end(bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
    // A server that waits for the rest of a request is left.
    socket.setTimeout(20, () => socket.destroy());
  });
}

function isFlush(text: string): boolean {
  try {
    return JSON.parse(text).operations.length > 0;
  } catch {
    return false;
  }
}

function isEmptyBatch(content: string | Uint8Array): boolean {
  try {
    return JSON.parse(Buffer.from(content).toString()).operations.length === 0;
  } catch {
    return false;
  }
}
