// biome-ignore-all lint/suspicious/noThenProperty: bodies of requests, which nobody awaits
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import type { z } from 'zod';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { NO_SCHEDULER_FLAGS } from '../model/service.ts';
import type { Port } from '../model/unit.ts';
import { FakeDirector } from './fake-director.ts';
import { FakeEngine } from './fake-engine.ts';
import { DRAINS, HEALTHS } from './fake-facts.ts';
import { CONFIGURED, DAEMONS, SYNC, VRRP } from './fake-high-availability.ts';
import { openApiDocument } from './openapi/openapi-document.ts';
import { ROUTE_DESCRIPTIONS } from './openapi/route-description.ts';
import { ROUTES, type RouteName } from './protocol.ts';
import { RunningApi } from './running-api.ts';

const WEB = 'tcp 192.0.2.10:80';
const WEB_ID = { kind: 'address', protocol: 'tcp', address: '192.0.2.10', port: 80 };

let engine: FakeEngine;
let director: FakeDirector;
let api: RunningApi;

beforeEach(async () => {
  engine = new FakeEngine();
  director = new FakeDirector(engine);
  api = await RunningApi.start(engine, {}, director);
  const settings = {
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: '255.255.255.255' as never,
    onePacket: false,
  };
  await engine.execute([{ kind: 'add-service', service: WEB_ID as never, settings }]);
  director.healths = HEALTHS;
  director.drainStatuses = DRAINS;
  director.changes = [{ action: 'remove', service: WEB as never, fields: [] }];
  director.happen({ kind: 'started', text: 'started' });
});

afterEach(async () => {
  await api.close();
  assert.deepEqual(api.failures, []);
});

test('health, drains, drift and the wanted table are what the director says', async () => {
  assert.deepEqual(await json('GET', '/v1/health'), { services: HEALTHS });
  assert.deepEqual(await json('GET', '/v1/drains'), { drains: DRAINS });
  assert.deepEqual(Object.keys((await json('GET', '/v1/wanted')) as object), ['services', 'timeouts']);
  const status = (await json('GET', '/v1/status')) as Record<string, unknown>;
  assert.deepEqual([status.health, status.drains, status.drift], [HEALTHS, DRAINS, director.changes]);
});

test('VRRP and synchronisation are what director and engine say, and empty where there is none', async () => {
  const none = { instances: [], groups: [], scripts: [], packets: { malformed: {}, unknownRouter: 0 } };
  assert.deepEqual(await json('GET', '/v1/vrrp'), none);
  assert.deepEqual(await json('GET', '/v1/sync'), { daemons: [], configured: [] });
  director.vrrpStatus = VRRP;
  engine.knownDaemons = DAEMONS;
  assert.deepEqual(
    await json('GET', '/v1/sync'),
    { daemons: DAEMONS, configured: [] },
    'daemons of the kernel',
  );
  engine.syncStatus = SYNC;
  director.configured = CONFIGURED;
  const synchronisation = { daemons: DAEMONS, ...CONFIGURED, ...SYNC };
  assert.deepEqual(await json('GET', '/v1/vrrp'), VRRP);
  assert.deepEqual(await json('GET', '/v1/sync'), synchronisation);
  const status = (await json('GET', '/v1/status')) as Record<string, unknown>;
  assert.deepEqual([status.vrrp, status.synchronisation], [VRRP, synchronisation]);
  for (const name of ['vrrp', 'sync', 'status'] as const) {
    const answer = await json('GET', ROUTES[name].path);
    const schema: z.ZodType = ROUTE_DESCRIPTIONS[name].answer;
    assert.deepEqual(schema.parse(answer), answer, name);
  }
});

test('an engine without synchronisation has the daemons of its table', async () => {
  const memory = new MemoryEngine();
  const daemon = { role: 'backup', interface: 'lo', syncId: 7 } as const;
  assert.deepEqual(await memory.execute([{ kind: 'start-daemon', daemon }]), [undefined]);
  const other = await RunningApi.start(memory);
  try {
    const answer = JSON.parse((await other.send('GET', '/v1/sync')).body);
    assert.deepEqual(answer, { daemons: (await memory.snapshot()).daemons, configured: [] });
    assert.equal(answer.daemons.length, 1);
  } finally {
    await other.close();
  }
});

test('a drain and its end come to the director as they were asked for, keys in one spelling', async () => {
  const drain = {
    address: '10.0.0.11',
    port: 80,
    service: 'tcp 192.0.2.10:80',
    deadline: 300,
    then: 'remove',
  };
  assert.deepEqual(await json('POST', '/v1/drain', drain), { drains: [DRAINS[0]] });
  const restore = { address: '10.0.0.12' };
  assert.deepEqual(await json('POST', '/v1/restore', restore), { drains: [DRAINS[1]] });
  assert.deepEqual(director.asked, [{ drain }, { restore }]);
  const other = { address: '2001:DB8:0::1', service: 'fwmark 3', then: 'leave' };
  const { status, body } = await api.send('POST', '/v1/drain', JSON.stringify(other));
  assert.deepEqual([status, JSON.parse(body).code], [404, 'DESTINATION_NOT_FOUND']);
  const expected = { address: '2001:db8::1', service: 'fwmark 3 inet', then: 'leave' };
  assert.deepEqual(director.asked.at(-1), { drain: expected });
});

test('a client is explained with and without a port; a service that is not there is 404', async () => {
  for (const [client, parsed] of [
    ['198.51.100.7', { address: '198.51.100.7' }],
    ['198.51.100.7:40000', { address: '198.51.100.7', port: 40000 }],
    ['2001:db8::7', { address: '2001:db8::7' }],
    ['[2001:db8::7]', { address: '2001:db8::7' }],
    ['[2001:db8::7]:40000', { address: '2001:db8::7', port: 40000 }],
  ] as const) {
    const query = new URLSearchParams({ client, service: WEB });
    await json('GET', `/v1/explain?${query}`);
    assert.deepEqual(director.asked.at(-1), { explain: { client: parsed, service: WEB_ID } });
  }
  const { status, body } = await api.send('GET', '/v1/explain?client=192.0.2.1&service=fwmark+3');
  assert.deepEqual([status, JSON.parse(body).code], [404, 'SERVICE_NOT_FOUND']);
});

test('what is missing, unknown, given twice or wrong is named, and comes to nobody', async () => {
  for (const [path, field] of [
    ['/v1/explain?service=tcp+192.0.2.10:80', 'client'],
    ['/v1/explain?client=host&service=tcp+192.0.2.10:80', 'client'],
    ['/v1/explain?client=192.0.2.1&client=192.0.2.2&service=tcp+192.0.2.10:80', 'client'],
    ['/v1/explain?client=192.0.2.1&service=x', 'service'],
    ['/v1/health?verbose=1', ''],
    ['/v1/status?__proto__=1', ''],
    ['/v1/info?constructor=1', ''],
    ['/v1/events?after=-1', 'after'],
    ['/v1/events?after=1e3', 'after'],
    ['/v1/connections?limit=0', 'limit'],
    ['/v1/connections?limit=10001', 'limit'],
    ['/v1/connections?cursor=x', 'cursor'],
    ['/v1/connections?client=10.0.0.256', 'client'],
    ['/metrics?collect[]=everything', 'collect[]'],
  ] as const) {
    const { status, body } = await api.send('GET', path);
    assert.equal(status, 400, path);
    const problem = JSON.parse(body);
    assert.equal(problem.code, 'REQUEST_INVALID');
    assert.equal(problem.fields[0].path, field, path);
  }
  for (const [path, body, field] of [
    ['/v1/drain', {}, 'address'],
    ['/v1/drain', { address: '10.0.0.11' }, 'then'],
    ['/v1/drain', { address: '10.0.0.11', then: 'leave', deadline: -1 }, 'deadline'],
    ['/v1/drain', { address: '10.0.0.11', then: 'leave', force: true }, ''],
    ['/v1/restore', { address: '10.0.0.11', then: 'leave' }, ''],
    ['/v1/restore', { address: '10.0.0.11:80' }, 'address'],
    ['/v1/restore', { address: '10.0.0.11', service: 'web' }, 'service'],
    ['/v1/restore?x=1', { address: '10.0.0.11' }, ''],
  ] as const) {
    const { status, body: answer } = await api.send('POST', path, JSON.stringify(body));
    assert.equal(status, 400, path);
    assert.equal(JSON.parse(answer).fields[0].path, field, JSON.stringify(body));
  }
  assert.deepEqual(director.asked, []);
});

test('pages of connections have every entry once, in an order that stays, whatever comes and goes', async () => {
  const entries = Array.from({ length: 95 }, (_, number) => connection(number));
  let given = entries;
  engine.pages = async function* () {
    // Never twice in the same order.
    given = [...given.slice(37), ...given.slice(0, 37)];
    for (let at = 0; at < given.length; at += 10) yield given.slice(at, at + 10);
  };
  const seen: ConnectionEntry[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const query = new URLSearchParams({ limit: '10', ...(cursor !== undefined && { cursor }) });
    const page = (await json('GET', `/v1/connections?${query}`)) as {
      connections: ConnectionEntry[];
      next?: string;
    };
    assert.ok(page.connections.length <= 10);
    seen.push(...page.connections);
    cursor = page.next;
    pages += 1;
    // Those that come and go between pages do not move the others.
    given = [...entries, ...Array.from({ length: pages * 7 }, (_, number) => connection(1000 + number))];
  } while (cursor !== undefined);
  assert.ok(pages >= 10);
  const ports = seen.map(({ clientPort }) => clientPort);
  assert.equal(new Set(ports).size, ports.length);
  assert.deepEqual(
    entries.filter(({ clientPort }) => !ports.includes(clientPort)),
    [],
  );
});

test('connections are filtered by service, destination and client, in pages and in a stream', async () => {
  const other = { ...connection(5), virtualPort: 443 as Port, destinationAddress: '10.0.0.12' as never };
  const mark = { ...connection(0), protocol: 'ip', virtualAddress: { fwmark: 3 as never } } as const;
  engine.pages = async function* () {
    yield [connection(1), connection(2)];
    yield [other, mark];
  };
  for (const [query, expected] of [
    ['service=tcp+192.0.2.10:80', [connection(1), connection(2)]],
    ['service=tcp+192.0.2.10:0', [connection(1), connection(2), other]],
    ['service=udp+192.0.2.10:80', []],
    ['service=fwmark+3', [mark]],
    ['service=fwmark+3+inet6', []],
    ['destination=10.0.0.12', [other]],
    ['destination=10.0.0.12:81', []],
    ['client=198.51.100.7:2', [connection(2)]],
    [
      'client=198.51.100.7&destination=10.0.0.11:80&service=tcp+192.0.2.10:80',
      [connection(1), connection(2)],
    ],
  ] as const) {
    const { body } = await api.send('GET', `/v1/connections?${query}`);
    const streamed = body.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line)));
    assert.deepEqual(streamed, expected, query);
    const paged = (await json('GET', `/v1/connections?limit=100&${query}`)) as {
      connections: ConnectionEntry[];
    };
    const ports = ({ clientPort }: ConnectionEntry) => clientPort;
    assert.deepEqual(paged.connections.map(ports).sort(), expected.map(ports).sort(), query);
  }
});

test('events are listed from where a reader had got to', async () => {
  director.happen({ kind: 'drain', text: 'two', service: WEB as never, actor: 'pid 1, uid 0' });
  const [one, two] = director.happened;
  assert.deepEqual(await json('GET', '/v1/events'), { events: [one, two] });
  assert.deepEqual(await json('GET', '/v1/events?after=1'), { events: [two] });
  assert.deepEqual(await json('GET', '/v1/events?after=2'), { events: [] });
  assert.deepEqual(
    await json('GET', '/v1/events?after=7'),
    { events: [one, two] },
    'of a director before this one',
  );
});

test('events are streamed as they happen, and a reader that comes back misses none', async () => {
  const first = await stream('/v1/events');
  director.happen({ kind: 'drain', text: 'two\nlines' });
  assert.deepEqual(await first.events(2), director.happened);
  first.end();
  director.happen({ kind: 'drift', text: 'three' });
  const second = await stream('/v1/events?after=0', { 'last-event-id': '2' });
  director.happen({ kind: 'reload', text: 'four' });
  assert.deepEqual(await second.events(2), director.happened.slice(2));
  second.end();
  await until(() => streams() === 0);
});

test('a reader of events that does not read is cut, and the others go on', async () => {
  const slow = await stream('/v1/events');
  const quick = await stream('/v1/events');
  slow.response.pause();
  const text = 'x'.repeat(200_000);
  for (let count = 0; count < 400 && streams() > 1; count++) {
    director.happen({ kind: 'change', text });
    await quick.events(1);
  }
  assert.equal(streams(), 1);
  slow.end();
  quick.end();
});

test('streams of events end with the API at once', async () => {
  const { response } = await stream('/v1/events');
  const ended = once(response.resume(), 'end');
  await api.close();
  await ended;
  api = await RunningApi.start(engine, {}, director);
});

test('the OpenAPI document has every route, and nothing that it does not explain', async () => {
  const document = (await json('GET', '/v1/openapi.json')) as ReturnType<typeof openApiDocument>;
  assert.deepEqual(document, JSON.parse(JSON.stringify(openApiDocument('1.2.3'))));
  assert.match(String(document.openapi), /^3\.1\.\d+$/);
  const paths = document.paths as Record<string, Record<string, { operationId: string; responses: object }>>;
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => [
      operationId,
      { method: method.toUpperCase(), path },
    ]),
  );
  assert.deepEqual(Object.fromEntries(routes), ROUTES);
  const text = JSON.stringify(document);
  const { schemas } = document.components as { schemas: Record<string, unknown> };
  const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) =>
    String(name),
  );
  assert.deepEqual(
    [...new Set(names)].filter((name) => !Object.hasOwn(schemas, name)),
    [],
  );
  assert.equal(text.match(/"\$ref"/g)?.length, names.length);
  for (const [path, methods] of Object.entries(paths)) {
    for (const { responses } of Object.values(methods)) {
      for (const [status, response] of Object.entries(
        responses as Record<string, { description: string; content: object }>,
      )) {
        assert.ok(response.description !== '', `${path} ${status}`);
        assert.ok(Object.keys(response.content).length > 0, `${path} ${status}`);
      }
    }
  }
});

test('answers are what the document says', async () => {
  engine.knownFaults.set(WEB as never, 'not local');
  engine.pages = async function* () {
    yield [connection(1), { ...connection(0), protocol: 'ip', virtualAddress: { fwmark: 3 as never } }];
  };
  const bodies: Partial<Record<RouteName, unknown>> = {
    operations: { operations: [{ kind: 'flush' }, { kind: 'zero' }] },
    plan: { services: [], timeouts: { tcp: 0, tcpfin: 0, udp: 0 } },
    apply: { services: [], timeouts: { tcp: 0, tcpfin: 0, udp: 0 } },
    reload: {},
    drain: { address: '10.0.0.11', then: 'leave' },
    restore: { address: '10.0.0.11' },
  };
  const queries: Partial<Record<RouteName, string>> = {
    service: `?key=${encodeURIComponent(WEB)}`,
    explain: `?client=192.0.2.1&service=${encodeURIComponent(WEB)}`,
    connections: '?limit=1',
  };
  // What changes the table comes last.
  const names = (Object.keys(ROUTES) as RouteName[]).sort(
    (one, other) => Number(one in bodies) - Number(other in bodies),
  );
  for (const name of names) {
    if (name === 'metrics') continue;
    const { method, path } = ROUTES[name];
    const answer = await json(method, path + (queries[name] ?? ''), bodies[name]);
    const schema: z.ZodType = ROUTE_DESCRIPTIONS[name].answer;
    assert.deepEqual(schema.parse(answer), answer, name);
  }
});

async function json(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await api.send(method, path, body === undefined ? undefined : JSON.stringify(body));
  assert.equal(answer.status, 200, `${method} ${path}: ${answer.body}`);
  return JSON.parse(answer.body);
}

interface Stream {
  readonly response: IncomingMessage;
  /** The next so many events. */
  events(count: number): Promise<unknown[]>;
  end(): void;
}

async function stream(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Stream> {
  const outgoing: ClientRequest = request({
    socketPath: api.socketPath,
    path,
    headers: { accept: 'text/event-stream', ...headers },
    agent: false,
  });
  outgoing.on('error', () => undefined);
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  assert.equal(response.headers['content-type'], 'text/event-stream');
  response.on('error', () => undefined);
  let text = '';
  const pieces = response.setEncoding('utf8').iterator({ destroyOnReturn: false });
  return {
    response,
    end: () => outgoing.destroy(),
    events: async (count) => {
      const found: unknown[] = [];
      while (found.length < count) {
        const end = text.indexOf('\n\n');
        if (end < 0) {
          const piece = await pieces.next();
          assert.ok(!piece.done, 'the stream ended');
          text += piece.value;
          continue;
        }
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        if (block === ':') continue;
        const [, id, kind, data] = /^id: (\d+)\nevent: ([\w-]+)\ndata: (.*)$/.exec(block) ?? [];
        const event = JSON.parse(data ?? '');
        assert.deepEqual([event.id, event.kind], [Number(id), kind]);
        found.push(event);
      }
      return found;
    },
  };
}

/** Readers of events; the metrics count them, too. */
function streams(): number {
  return director.listeners.size - 1;
}

async function until(holds: () => boolean): Promise<void> {
  for (let round = 0; round < 500 && !holds(); round++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(holds());
}

function connection(clientPort: number): ConnectionEntry {
  return {
    protocol: 'tcp',
    clientAddress: '198.51.100.7' as never,
    clientPort: clientPort as Port,
    virtualAddress: '192.0.2.10' as never,
    virtualPort: 80 as Port,
    destinationAddress: '10.0.0.11' as never,
    destinationPort: 80 as Port,
    state: 'ESTABLISHED',
    expiresIn: 899,
  };
}
