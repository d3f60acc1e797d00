import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { ViprError } from '../model/error.ts';
import { DirectorClient } from './client.ts';
import { FakeEngine } from './fake-engine.ts';
import { RunningApi } from './running-api.ts';

let directory: string;
let socketPath: string;
let client: DirectorClient;
const servers: Server[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipr-client-'));
  socketPath = join(directory, 'vipr.sock');
  client = new DirectorClient(socketPath);
});

afterEach(async () => {
  await client.close();
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
    server.close();
  }
  rmSync(directory, { recursive: true });
});

function listen(server: Server, path = socketPath): Promise<void> {
  servers.push(server);
  return new Promise((resolve) => void server.listen(path, () => resolve()));
}

/** A director that answers everything with one text. */
function answering(body: string, status = 200): Promise<void> {
  return listen(createHttpServer((_request, response) => response.writeHead(status).end(body)));
}

test('without a socket no director runs', async () => {
  await assert.rejects(client.info(), (error) => {
    assert.ok(error instanceof ViprError);
    assert.equal(error.code, 'DIRECTOR_NOT_RUNNING');
    assert.ok(error.message.includes(socketPath));
    assert.match(error.hint ?? '', /vipr up/);
    return true;
  });
  await assert.rejects(Array.fromAsync(client.connections()), { code: 'DIRECTOR_NOT_RUNNING' });
});

test('a socket that nobody listens on is no director', async () => {
  await listen(createServer(), `${socketPath}.1`);
  const { linkSync } = await import('node:fs');
  linkSync(`${socketPath}.1`, socketPath);
  await new Promise((resolve) => void servers.pop()?.close(resolve));
  await assert.rejects(client.snapshot(), { code: 'DIRECTOR_NOT_RUNNING', message: /ECONNREFUSED/ });
});

test('a socket of another user is a matter of permission', async (context) => {
  if (process.geteuid?.() !== 0) return context.skip('only root can become another user');
  const { chmodSync } = await import('node:fs');
  await answering('{}');
  chmodSync(socketPath, 0o600);
  chmodSync(directory, 0o755);
  process.seteuid?.(65534);
  try {
    await assert.rejects(client.info(), { code: 'PERMISSION_DENIED', errno: 'EACCES', hint: /as root/ });
  } finally {
    process.seteuid?.(0);
  }
});

test('a server that is not a director is told from one', async () => {
  await listen(createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n').on('error', () => undefined)));
  await assert.rejects(client.info(), { code: 'RESPONSE_INVALID', message: /does not speak HTTP/ });
});

for (const body of ['', 'hello', 'null', '3', '[]', '{}', '{"services":{}}', '{"outcomes":[]}']) {
  test(`the answer ${JSON.stringify(body)} is not valid`, async () => {
    await answering(body);
    await assert.rejects(client.snapshot(), { name: 'ViprError', code: 'RESPONSE_INVALID' });
    await assert.rejects(client.info(), { name: 'ViprError', code: 'RESPONSE_INVALID' });
    await assert.rejects(client.execute([{ kind: 'flush' }]), {
      name: 'ViprError',
      code: 'RESPONSE_INVALID',
    });
  });
}

test('a page of connections that is not one is not valid', async () => {
  await answering('[]\n{}\n');
  await assert.rejects(Array.fromAsync(client.connections()), { code: 'RESPONSE_INVALID' });
});

test('a director that leaves before it answers is told', async () => {
  await listen(createHttpServer((request) => request.socket.destroy()));
  await assert.rejects(client.execute([{ kind: 'flush' }]), {
    code: 'DIRECTOR_NOT_RUNNING',
    message: /went away/,
  });
  await assert.rejects(client.info(), { code: 'DIRECTOR_NOT_RUNNING' });
});

test('a director that leaves in the middle of an answer is told', async () => {
  await listen(
    createHttpServer((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"services":');
      setImmediate(() => response.destroy());
    }),
  );
  await assert.rejects(client.snapshot(), { code: 'DIRECTOR_NOT_RUNNING', message: /went away/ });
});

test('a client outlives the director that it was connected to', async () => {
  const engine = new FakeEngine();
  const first = await RunningApi.start(engine);
  const kept = new DirectorClient(first.socketPath);
  try {
    assert.equal((await kept.info()).name, 'memory');
    await first.close();
    await assert.rejects(kept.info(), { code: 'DIRECTOR_NOT_RUNNING' });
  } finally {
    await kept.close();
  }
});

test('a closed client leaves the director alone', async () => {
  const api = await RunningApi.start(new FakeEngine());
  const [one, other] = [new DirectorClient(api.socketPath), new DirectorClient(api.socketPath)];
  try {
    await one.info();
    await one.close();
    assert.equal((await other.info()).name, 'memory');
  } finally {
    await other.close();
    await api.close();
  }
});
