import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { IPIP_TUNNEL } from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import { NO_SCHEDULER_FLAGS, type ServiceId, type ServiceKey } from '../model/service.ts';
import type { FirewallMark, Port, Seconds, Weight } from '../model/unit.ts';
import { DirectorClient } from './client.ts';
import { FakeEngine } from './fake-engine.ts';
import { ROUTES } from './protocol.ts';
import { directorOf, RunningApi } from './running-api.ts';
import { closeApiServer, createApiServer } from './server.ts';

const WEB = serviceId('tcp 192.0.2.10:80');
const DNS = serviceId('udp [2001:db8::10]:53');

let engine: FakeEngine;
let api: RunningApi;
let client: DirectorClient;

beforeEach(async () => {
  engine = new FakeEngine();
  api = await RunningApi.start(engine);
  client = new DirectorClient(api.socketPath);
});

afterEach(async () => {
  await client.close();
  await api.close();
});

test('every operation comes to the engine as the client gave it', async () => {
  const operations = everyOperation();
  const outcomes = await client.execute(operations);
  assert.deepEqual(engine.executed, operations);
  assert.deepEqual(
    outcomes,
    Array.from(operations, () => undefined),
  );
});

test('a table that is built over the socket reads the same over the socket and from the engine', async () => {
  const memory = new MemoryEngine();
  const memoryApi = await RunningApi.start(memory);
  const memoryClient = new DirectorClient(memoryApi.socketPath);
  try {
    const outcomes = await memoryClient.execute(everyOperation().slice(0, 5));
    assert.deepEqual(
      outcomes.map((outcome) => outcome?.code),
      Array(5).fill(undefined),
    );
    assert.deepEqual(await memoryClient.snapshot(), await memory.snapshot());
    assert.equal((await memoryClient.snapshot()).services.length, 2);
    assert.deepEqual(await memoryClient.service(WEB), await memory.service(WEB));
    assert.deepEqual(await memoryClient.info(), await memory.info());
  } finally {
    await memoryClient.close();
    await memoryApi.close();
  }
});

test('a refused operation comes back as the error that the engine gave, between those that were done', async () => {
  const add: Operation = { kind: 'add-service', service: WEB, settings: settings() };
  const outcomes = await client.execute([add, add, { kind: 'flush' }]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome?.code),
    [undefined, 'SERVICE_EXISTS', undefined],
  );
  const [, refused] = outcomes;
  assert.ok(refused instanceof ViprError);
  assert.deepEqual(
    [refused.message, refused.errno, refused.hint],
    ['tcp 192.0.2.10:80 exists', 'EEXIST', 'Edit it.'],
  );
});

test('a batch of more operations than one request takes keeps its order and has all its outcomes', async () => {
  const operations = Array.from({ length: 5001 }, (_, number): Operation => {
    const fwmark = ((number % 5000) + 1) as FirewallMark;
    return { kind: 'add-service', service: { kind: 'fwmark', fwmark, family: 'inet' }, settings: settings() };
  });
  const outcomes = await client.execute(operations);
  assert.deepEqual(engine.executed, operations);
  assert.equal(outcomes.length, 5001);
  assert.deepEqual(
    outcomes.flatMap((outcome, index) => (outcome ? [index] : [])),
    [5000],
  );
});

test('no operations need no director', async () => {
  await api.close();
  assert.deepEqual(await client.execute([]), []);
  api = await RunningApi.start(engine);
});

test('a service that the table does not hold is undefined for the client, 404 on the wire', async () => {
  assert.equal(await client.service(DNS), undefined);
  const { status, body } = await api.send('GET', '/v1/service?key=udp%20[2001:db8::10]:53');
  assert.equal(status, 404);
  assert.equal(JSON.parse(body).code, 'SERVICE_NOT_FOUND');
});

test('a service is found under any spelling of its key', async () => {
  await client.execute([{ kind: 'add-service', service: DNS, settings: settings() }]);
  assert.equal((await client.service(DNS))?.scheduler, 'wlc');
  const { status } = await api.send('GET', '/v1/service?key=udp+%5B2001:DB8:0::10%5D:53');
  assert.equal(status, 200);
});

test('faults and information come from the director', async () => {
  engine.knownFaults.set('tcp 192.0.2.10:80' as ServiceKey, 'the address is not local');
  assert.deepEqual(await client.faults(), engine.knownFaults);
  const { director, engine: info, table, faults } = await client.status();
  assert.equal(director.version, '1.2.3');
  assert.equal(director.engineReason, 'a test asked for it');
  assert.deepEqual(info, await engine.info());
  assert.deepEqual(await client.info(), await engine.info());
  assert.deepEqual(table, await engine.snapshot());
  assert.deepEqual(faults, engine.knownFaults);
});

test('connections come in the pages of the engine', async () => {
  const pages = [[connection(1), connection(2)], [], [connection(3)]];
  engine.pages = async function* () {
    yield* pages;
  };
  assert.deepEqual(await Array.fromAsync(client.connections()), pages);
});

test('an engine is asked for further pages only as they are read, and told when the reader leaves', async () => {
  let made = 0;
  const left = Promise.withResolvers<void>();
  engine.pages = async function* () {
    try {
      for (; made < 100_000; made += 1) yield Array.from({ length: 1000 }, (_, number) => connection(number));
    } finally {
      left.resolve();
    }
  };
  let read = 0;
  for await (const page of client.connections()) {
    assert.equal(page.length, 1000);
    read += 1;
    // Long enough for a server that does not wait to run ahead.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (read === 10) break;
  }
  await left.promise;
  assert.ok(made < 60, `the engine made ${made} pages for ${read} that were read`);
});

test('an engine that fails between two pages ends the reading with an error', async () => {
  engine.pages = async function* () {
    yield [connection(1)];
    await new Promise((resolve) => setImmediate(resolve));
    throw new Error('the table is gone');
  };
  const seen: unknown[] = [];
  await assert.rejects(
    async () => {
      for await (const page of client.connections()) seen.push(...page);
    },
    { name: 'ViprError', code: 'DIRECTOR_NOT_RUNNING' },
  );
  assert.deepEqual(seen, [connection(1)]);
});

test('the failure of an engine reaches the client with its code, and the log', async () => {
  engine.failure = new ViprError('SYSTEM_CALL_FAILED', 'epoll_wait: EBADF', {
    errno: 'EBADF',
    hint: 'Restart.',
  });
  for (const call of [
    () => client.info(),
    () => client.status(),
    () => client.snapshot(),
    () => client.service(WEB),
    () => client.faults(),
    () => client.execute([{ kind: 'flush' }]),
    () => Array.fromAsync(client.connections()),
  ]) {
    await assert.rejects(call, {
      name: 'ViprError',
      code: 'SYSTEM_CALL_FAILED',
      message: 'epoll_wait: EBADF',
      errno: 'EBADF',
      hint: 'Restart.',
    });
  }
  assert.deepEqual(api.failures, Array(7).fill(engine.failure));
  engine.failure = new TypeError('a mistake');
  await assert.rejects(client.snapshot(), {
    code: 'ENGINE_FAILED',
    message: 'The director failed: a mistake',
  });
});

test('connections that cannot be accepted are failures in the log, and not the end', async () => {
  const failures: unknown[] = [];
  const app = await createApiServer(directorOf(engine), { onFailure: (error) => failures.push(error) });
  try {
    await new Promise<void>((resolve) => void app.server.listen(0, '127.0.0.1', resolve));
    const error = new Error('accept ENFILE');
    for (let time = 0; time < 2; time++) app.server.emit('error', error);
    assert.deepEqual(failures, [error, error]);
  } finally {
    await closeApiServer(app);
  }
});

test('an unknown route is answered with those that there are', async () => {
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/v2/table'],
    ['DELETE', '/v1/table'],
    ['GET', '/v1/operations'],
    ['HEAD', '/v1/info'],
  ] as const) {
    const { status, body } = await api.send(method, path);
    assert.equal(status, 404);
    if (method === 'HEAD') continue;
    const problem = JSON.parse(body);
    assert.equal(problem.code, 'REQUEST_INVALID');
    for (const route of Object.values(ROUTES))
      assert.ok(problem.hint.includes(`${route.method} ${route.path}`));
  }
});

test('a wrong field is named with its path, and nothing of the request is done', async () => {
  const flush = { kind: 'flush' };
  const wrong = { kind: 'delete-service', service: { ...WEB, port: 65536 } };
  const { status, body } = await api.send(
    'POST',
    '/v1/operations',
    JSON.stringify({ operations: [flush, wrong] }),
  );
  assert.equal(status, 400);
  assert.deepEqual(JSON.parse(body), {
    code: 'REQUEST_INVALID',
    message: 'The request is not valid: operations[1].service.port: must be a whole number from 0 to 65535.',
    hint: 'Correct the request; nothing of it was carried out.',
    fields: [{ path: 'operations[1].service.port', message: 'must be a whole number from 0 to 65535' }],
  });
  assert.deepEqual(engine.executed, []);
});

test('a body above the limit is refused, one below it is read', async () => {
  const padded = (bytes: number) => `{"operations":[]${' '.repeat(bytes)}}`;
  assert.equal((await api.send('POST', '/v1/operations', padded(31 * 2 ** 20))).status, 200);
  const { status, body } = await api.send('POST', '/v1/operations', padded(32 * 2 ** 20));
  assert.equal(status, 413);
  assert.equal(JSON.parse(body).code, 'REQUEST_INVALID');
});

function serviceId(key: string): ServiceId {
  const id = parseServiceKey(key);
  assert.ok(id !== undefined);
  return id;
}

function settings() {
  return {
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceTimeout: 300 as Seconds,
    persistenceNetmask: 128 as never,
    onePacket: false,
  };
}

function everyOperation(): Operation[] {
  const host = { address: '2001:db8::11' as never, port: 53 as Port };
  const destination = {
    ...host,
    forwarding: 'masquerade',
    weight: 1 as Weight,
    upperThreshold: 20,
    lowerThreshold: 10,
    tunnel: IPIP_TUNNEL,
    proxyProtocol: 'v2',
  } as const;
  const netmask = '255.255.255.0' as never;
  return [
    { kind: 'add-service', service: WEB, settings: { ...settings(), persistenceNetmask: netmask } },
    { kind: 'add-service', service: DNS, settings: settings() },
    { kind: 'edit-service', service: DNS, settings: { ...settings(), scheduler: 'rr' } },
    { kind: 'add-destination', service: DNS, destination },
    { kind: 'edit-destination', service: DNS, destination: { ...destination, weight: 0 as Weight } },
    { kind: 'delete-destination', service: DNS, destination: host },
    { kind: 'delete-service', service: DNS },
    { kind: 'zero' },
    { kind: 'zero', service: WEB },
    { kind: 'set-timeouts', timeouts: { tcp: 1 as Seconds, tcpfin: 2 as Seconds, udp: 0 as Seconds } },
    { kind: 'start-daemon', daemon: { role: 'master', interface: 'eth0', syncId: 7, ttl: 2 } },
    { kind: 'stop-daemon', role: 'backup' },
    { kind: 'flush' },
  ];
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
