import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { z } from 'zod';
import { parseMetrics } from '../../src/api/metrics/parse-metrics.ts';
import { ROUTE_DESCRIPTIONS } from '../../src/api/openapi/route-description.ts';
import { EVENT_KINDS } from '../../src/api/operated-director.ts';
import { operationsRequestSchema } from '../../src/api/operation-schema.ts';
import { BODY_LIMIT, ROUTES, type RouteName } from '../../src/api/protocol.ts';
import { connectionsQuery, METRIC_GROUPS } from '../../src/api/schema/request-schema.ts';
import type { Operation } from '../../src/model/operation.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';
import { freePort } from './reference-port.ts';

const PAGE = readPage('docs/reference/api.md');
/** The commands of the page with the JSON after each, in their order. */
const EXCHANGES = PAGE.flatMap(({ title, text }) =>
  fencesOf(text).flatMap(({ language, text: command }, index, fences) => {
    const next = fences[index + 1];
    if (language !== 'sh' || !command.includes('--unix-socket')) return [];
    return [{ title, command, answer: next?.language === 'json' ? next.text : undefined }];
  }),
);
/** Routes whose answers depend on the moment: of them the shape is compared. */
const CHANGING: readonly RouteName[] = [
  'status',
  'wanted',
  'configuration',
  'health',
  'drain',
  'restore',
  'explain',
  'events',
  'openapi',
  'metrics',
];
/** One of every kind of operation, in an order in which all can be carried out. */
const OPERATIONS = fencesOf(sectionOf(PAGE, 'Operations').text).map(
  ({ text }) => JSON.parse(text) as Operation,
);

interface Answer {
  readonly status: number | undefined;
  readonly text: string;
}

/** Sends what a curl command of the page says, or another body. */
async function send(socketPath: string, command: string, other?: string): Promise<Answer> {
  const [, path = ''] = /http:\/\/vipr(\/[^'"\s]*)/.exec(command) ?? [];
  const body = other ?? / -d '([^']*)'/.exec(command)?.[1];
  const type = /-H 'content-type: ([^']*)'/.exec(command)?.[1];
  const outgoing = request({
    socketPath,
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: type === undefined ? {} : { 'content-type': type },
  });
  outgoing.end(body);
  return answerTo(outgoing);
}

/** Announces a body of so many bytes, and sends none of it. */
async function announce(socketPath: string, length: number): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'content-length': length };
  const outgoing = request({ socketPath, path: ROUTES.operations.path, method: 'POST', headers });
  outgoing.flushHeaders();
  return answerTo(outgoing).finally(() => outgoing.destroy());
}

async function answerTo(outgoing: ClientRequest): Promise<Answer> {
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode, text };
}

/** JSON with what differs from director to director made the same. */
function settled(text: string): unknown {
  const pid = { pid: 0, startedAt: '', version: '' };
  return JSON.parse(text, (key, value) => (key === 'director' ? { ...value, ...pid } : value));
}

describe('docs/reference/api.md', () => {
  let lab: Lab;
  before(async () => {
    lab = new Lab();
    await lab.startDirector('--engine', 'memory');
  });
  after(() => lab[Symbol.asyncDispose]());

  it('has a section for every route, and for no other', () => {
    assert.deepEqual(
      PAGE.map(({ title }) => title)
        .filter((title) => /^(GET|POST) /.test(title))
        .sort(),
      Object.values(ROUTES)
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
  });

  it('shows every answer as it is', async (test) => {
    const { status } = await send(lab.socket, `http://vipr${ROUTES.health.path}`);
    if (status === 404)
      test.diagnostic('without the routes that operate a director: this one is not operated');
    for (const { title, command, answer } of EXCHANGES) {
      const name = routeOf(title);
      const { text, status } = await send(lab.socket, command);
      if (CHANGING.includes(name)) {
        assert.equal(status, 200, `${command}\n${text}`);
        if (name === 'metrics') assert.ok(parseMetrics(text).size > 0);
        else assertShape(name, text);
        if (answer !== undefined) assertShape(name, answer);
      } else if (name === 'connections' && !command.includes('limit=')) {
        assert.equal(text, '', 'the memory engine has no connections');
      } else assert.deepEqual(settled(text), settled(answer ?? ''), command);
    }
  });

  it('tells the health of a director whose configuration has checks in the form of its answers', () => {
    const [, shown] = fencesOf(sectionOf(PAGE, 'GET /v1/health').text);
    assertShape('health', shown?.text ?? '');
  });

  it('tells of VRRP and synchronisation where there is some in the form of its answers', () => {
    for (const name of ['vrrp', 'sync'] as const) {
      const [, , elsewhere] = fencesOf(sectionOf(PAGE, `GET ${ROUTES[name].path}`).text);
      assertShape(name, elsewhere?.text ?? '');
    }
  });

  it('tells every kind of event, and every group of metrics', () => {
    const kinds = codesOf(sectionOf(PAGE, 'GET /v1/events').text);
    assert.deepEqual(
      EVENT_KINDS.filter((kind) => !kinds.includes(kind)),
      [],
    );
    const groups = codesOf(sectionOf(PAGE, 'GET /metrics').text);
    assert.deepEqual(
      METRIC_GROUPS.filter((group) => !groups.includes(group)),
      [],
    );
  });

  it('tells every parameter of a page of connections', () => {
    const rows = rowsOf(sectionOf(PAGE, 'GET /v1/connections').text);
    const names = rows.map(([name = '']) => codesOf(name)[0] ?? '');
    assert.deepEqual(names.sort(), Object.keys(connectionsQuery.shape).sort());
  });

  it('gives commands that curl runs', async (test) => {
    if ((await lab.run('command -v curl')).code !== 0) return test.skip('curl is not installed');
    for (const { command } of EXCHANGES) {
      const { code, stderr } = await lab.run(command);
      assert.equal(code, 0, `${command}\n${stderr}`);
    }
  });

  it('shows a connection as the relay tells it', async () => {
    const shown = JSON.parse(fencesOf(sectionOf(PAGE, 'GET /v1/connections').text)[1]?.text ?? '');
    assert.deepEqual(await oneConnection(), shown);
  });

  it('shows one of every kind of operation', async () => {
    const union = operationsRequestSchema.shape.operations.element;
    const kinds = union.options.map((option) => option.shape.kind.value);
    assert.deepEqual(OPERATIONS.map(({ kind }) => kind).sort(), [...kinds].sort());
  });

  it('shows operations that are carried out', async () => {
    const [post] = EXCHANGES;
    assert.equal(post?.title, 'POST /v1/operations');
    const { text } = await send(lab.socket, post.command, JSON.stringify({ operations: OPERATIONS }));
    assert.deepEqual(
      JSON.parse(text).outcomes,
      OPERATIONS.map(() => null),
    );
  });

  it('tells every field of settings, destinations and daemons', () => {
    const options = operationsRequestSchema.shape.operations.element.options;
    const shapes: Readonly<Record<string, z.ZodRawShape>> = {
      'Settings of a service': shapeOf(options, 'settings'),
      'A destination': shapeOf(options, 'destination'),
      'A daemon': shapeOf(options, 'daemon'),
    };
    for (const [title, shape] of Object.entries(shapes)) {
      const rows = rowsOf(sectionOf(PAGE, title).text);
      assert.deepEqual(
        rows.map(([field]) => codesOf(field ?? '')[0]),
        Object.keys(shape),
        title,
      );
      for (const [field = '', value = ''] of rows) {
        const optional = shape[codesOf(field)[0] ?? '']?._zod.optin === 'optional';
        assert.equal(value.startsWith('optional'), optional, `${title}: ${field}`);
      }
    }
  });

  it('tells the status of refused requests', async () => {
    const statuses = rowsOf(sectionOf(PAGE, 'Errors').text).flatMap(([status = '']) =>
      /^\d+$/.test(status) ? [Number(status)] : [],
    );
    const post = "http://vipr/v1/operations -H 'content-type: application/json'";
    const seen = [
      await send(lab.socket, 'http://vipr/v1/info'),
      await send(lab.socket, post, '{'),
      ...refusedOverTcp(401, 403),
      await send(lab.socket, 'http://vipr/v1/nothing'),
      await send(lab.socket, "http://vipr/v1/reload -H 'content-type: application/json'", '{}'),
      await announce(lab.socket, BODY_LIMIT + 1),
      await send(
        lab.socket,
        "http://vipr/v1/operations -H 'content-type: application/x-www-form-urlencoded'",
        'flush',
      ),
      ...refusedOverTcp(421, 429),
    ];
    assert.deepEqual([...seen.map(({ status }) => status), 500], statuses);
    for (const { text, status } of seen.slice(1))
      if (text !== '')
        assert.equal(JSON.parse(text).code, status === 409 ? 'USAGE' : 'REQUEST_INVALID', `${status}`);
  });
});

/** What `src/api/tcp` and `src/api/events` refuse, whose tests see it. */
function refusedOverTcp(...statuses: readonly number[]): readonly Answer[] {
  return statuses.map((status) => ({ status, text: '' }));
}

function routeOf(title: string): RouteName {
  const names = Object.keys(ROUTES) as RouteName[];
  const found = names.find((name) => title === `${ROUTES[name].method} ${ROUTES[name].path}`);
  assert.ok(found !== undefined, title);
  return found;
}

function assertShape(name: RouteName, text: string): void {
  const answer = JSON.parse(text);
  assert.deepEqual(ROUTE_DESCRIPTIONS[name].answer.parse(answer), answer, name);
}

/** The fields of the first operation that has such a part. */
function shapeOf(options: readonly z.ZodType[], part: string): z.ZodRawShape {
  for (const option of options) {
    const found = (option as z.ZodObject).shape[part];
    if (found !== undefined) return (found as z.ZodObject).shape;
  }
  throw new RangeError(`no operation has ${part}`);
}

/** What a director with the relay says while one connection is open, with the page's ports and time. */
async function oneConnection(): Promise<unknown> {
  await using lab = new Lab();
  await lab.startDirector('--engine', 'relay', '--workers', '1');
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: destinationPort } = server.address() as net.AddressInfo;
  const virtualPort = await freePort();
  const service = `-t 127.0.0.1:${virtualPort}`;
  const set = await lab.run(
    `ipvsadm -A ${service} && ipvsadm -a ${service} -r 127.0.0.1:${destinationPort} -m`,
  );
  assert.equal(set.code, 0, set.stderr);
  const accepted = once(server, 'connection');
  const client = net.connect(virtualPort, '127.0.0.1');
  try {
    await once(client, 'connect');
    await accepted;
    const { text } = await send(lab.socket, 'http://vipr/v1/connections');
    const [entry] = JSON.parse(text);
    assert.deepEqual(
      [entry.clientPort, entry.virtualPort, entry.destinationPort],
      [client.localPort, virtualPort, destinationPort],
    );
    assert.ok(entry.expiresIn > 800 && entry.expiresIn <= 900, `${entry.expiresIn}`);
    return [{ ...entry, clientPort: 51328, virtualPort: 8080, destinationPort: 3001, expiresIn: 899 }];
  } finally {
    client.destroy();
    server.close();
  }
}
