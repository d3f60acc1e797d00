import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { IpAddress } from '../../model/address.ts';
import type { Port } from '../../model/unit.ts';
import { FakeEngine } from '../fake-engine.ts';
import { currentActor } from '../request-actor.ts';
import { directorOf } from '../running-api.ts';
import type { ControlledDirector } from '../server.ts';
import { selfSigned } from './self-signed.ts';
import { listenTcp, type TcpLimits, type TcpListener } from './tcp-listener.ts';
import type { TcpSettings } from './tcp-settings.ts';

const LOOPBACK = { address: '127.0.0.1' as IpAddress, port: 0 as Port };
const TOKEN = '0123456789abcdef0123';
const flush = '{"operations":[{"kind":"flush"}]}';

let directory: string;
let engine: FakeEngine;
let director: ControlledDirector;
let actors: (string | undefined)[];
let warnings: string[];
const failures: unknown[] = [];
const listeners: TcpListener[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipr-tcp-'));
  engine = new FakeEngine();
  actors = [];
  warnings = [];
  director = {
    ...directorOf(engine),
    execute: async (operations) => {
      // As a director does, which has changes wait for one another.
      await new Promise((resolve) => setImmediate(resolve));
      actors.push(currentActor());
      return engine.execute(operations);
    },
  };
});

afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
  rmSync(directory, { recursive: true });
  assert.deepEqual(failures.splice(0), []);
});

test('on loopback without a token the API reads, and changes nothing', async () => {
  const { url } = await listen(LOOPBACK);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await ask(url, '/v1/info')).status, 200);
  const refused = await ask(url, '/v1/operations', { body: flush });
  assert.equal(refused.status, 403);
  assert.equal(refused.problem.code, 'PERMISSION_DENIED');
  assert.match(refused.problem.hint, /control socket/);
  assert.deepEqual(engine.executed, []);
});

test('a page whose name was made to point to loopback reads nothing', async () => {
  const { url } = await listen(LOOPBACK);
  const { port } = new URL(url);
  for (const host of [
    'attacker.example',
    `attacker.example:${port}`,
    '127.0.0.1.attacker.example',
    '192.0.2.1',
  ]) {
    const { status, problem } = await ask(url, '/v1/info', { headers: { host } });
    assert.equal(status, 421, host);
    assert.equal(problem.code, 'PERMISSION_DENIED');
  }
  for (const host of ['localhost', `LOCALHOST:${port}`, '127.0.0.1', `127.0.0.1:${port}`, `[::1]:${port}`]) {
    assert.equal((await ask(url, '/v1/info', { headers: { host } })).status, 200, host);
  }
});

test('no other origin is let in by a header', async () => {
  const { url } = await listen(LOOPBACK);
  const { headers } = await ask(url, '/v1/info', { headers: { origin: 'https://attacker.example' } });
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith('access-control-')),
    [],
  );
});

test('with a token, only who brings it gets an answer, and may change the table', async () => {
  const { url } = await listen({ ...LOOPBACK, tokenFile: tokenFile(TOKEN) });
  for (const authorization of [
    undefined,

    'Bearer',
    'Bearer ',
    `Basic ${TOKEN}`,
    TOKEN,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
  ]) {
    for (const path of ['/v1/info', '/v1/nothing', '/metrics']) {
      const { status, problem, headers } = await ask(url, path, {
        ...(authorization !== undefined && { headers: { authorization } }),
      });
      assert.equal(status, 401, `${path} ${authorization}`);
      assert.equal(problem.code, 'PERMISSION_DENIED');
      assert.equal(headers['www-authenticate'], 'Bearer realm="vipr"');
    }
  }
  const headers = { authorization: `bearer ${TOKEN}`, host: 'director.example' };
  assert.equal((await ask(url, '/v1/info', { headers })).status, 200);
  assert.equal((await ask(url, '/v1/operations', { headers, body: flush })).status, 200);
  assert.deepEqual(engine.executed, [{ kind: 'flush' }]);
  assert.match(String(actors), /^127\.0\.0\.1:\d+ \(token\)$/);
});

test('a token that is replaced holds from the reload on; a bad file keeps the old one', async () => {
  const file = tokenFile(TOKEN);
  const listener = await listen({ ...LOOPBACK, tokenFile: file });
  const status = async (token: string) =>
    (await ask(listener.url, '/v1/info', { headers: { authorization: `Bearer ${token}` } })).status;
  const next = TOKEN.toUpperCase();
  writeFileSync(file, next);
  assert.deepEqual([await status(TOKEN), await status(next)], [200, 401]);
  await listener.reload();
  assert.deepEqual([await status(TOKEN), await status(next)], [401, 200]);
  writeFileSync(file, 'short');
  await assert.rejects(listener.reload(), { code: 'CONFIG_INVALID' });
  assert.deepEqual([await status('short'), await status(next)], [401, 200]);
});

test('who came with a token that is replaced is cut off, and nobody for one that is the same', async () => {
  const file = tokenFile(TOKEN);
  const listener = await listen({ ...LOOPBACK, tokenFile: file });
  const { hostname, port } = new URL(listener.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  await listener.reload();
  let isClosed = false;
  const closed = once(socket, 'close').then(() => {
    isClosed = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(isClosed, false);
  writeFileSync(file, TOKEN.toUpperCase());
  await listener.reload();
  await closed;
});

test('beyond loopback there has to be a token', async () => {
  for (const address of ['0.0.0.0', '::', '192.0.2.1', '2001:db8::1']) {
    await assert.rejects(listen({ ...LOOPBACK, address: address as IpAddress }), {
      code: 'CONFIG_INVALID',
      hint: /token/,
    });
  }
  await listen({ ...LOOPBACK, address: '0.0.0.0' as IpAddress, tokenFile: tokenFile(TOKEN) });
  assert.match(warnings.join(), /without TLS/);
});

test('a token that others may read, that is none, or that is not there is refused with what to do', async () => {
  const open = tokenFile(TOKEN);
  chmodSync(open, 0o640);
  await assert.rejects(listen({ ...LOOPBACK, tokenFile: open }), {
    code: 'PERMISSION_DENIED',
    message: /mode is 0640/,
    hint: /chmod 0600/,
  });
  for (const text of ['', 'short', 'has a blank in the middle', `\n${TOKEN}`, 'ümlaut-ümlaut-ümlaut']) {
    await assert.rejects(listen({ ...LOOPBACK, tokenFile: tokenFile(text) }), { code: 'CONFIG_INVALID' });
  }
  await assert.rejects(listen({ ...LOOPBACK, tokenFile: join(directory, 'none') }), {
    code: 'CONFIG_UNREADABLE',
    errno: 'ENOENT',
  });
});

test('what cannot be listened on is told, and leaves nothing behind', async () => {
  const { url } = await listen(LOOPBACK);
  const port = Number(new URL(url).port) as Port;
  await assert.rejects(listen({ ...LOOPBACK, port }), { code: 'ADDRESS_IN_USE' });
  const settings = { address: '192.0.2.1' as IpAddress, port, tokenFile: tokenFile(TOKEN) };
  await assert.rejects(listen(settings), { code: 'ADDRESS_NOT_LOCAL' });
});

test('over TLS, with certificates that are replaced while it runs', async (context) => {
  const first = selfSigned(directory, 'first');
  const second = selfSigned(directory, 'second');
  if (first === undefined || second === undefined) return context.skip('openssl is not installed');
  const files = { certificate: join(directory, 'used.pem'), key: join(directory, 'used.key') };
  const use = (pair: typeof first) => {
    writeFileSync(files.certificate, readFileSync(pair.certificate));
    writeFileSync(files.key, readFileSync(pair.key));
  };
  use(first);
  const listener = await listen({ ...LOOPBACK, tls: files });
  assert.match(listener.url, /^https:/);
  const ca = [first, second].map(({ certificate }) => readFileSync(certificate));
  assert.equal((await ask(listener.url, '/v1/info', { ca })).subject, 'first');
  use(second);
  assert.equal((await ask(listener.url, '/v1/info', { ca })).subject, 'first');
  await listener.reload();
  assert.equal((await ask(listener.url, '/v1/info', { ca })).subject, 'second');
  writeFileSync(files.key, readFileSync(first.key));
  await assert.rejects(listener.reload(), { code: 'CONFIG_INVALID', message: /cannot be used for TLS/ });
  assert.equal((await ask(listener.url, '/v1/info', { ca })).subject, 'second');
  await assert.rejects(ask(listener.url, '/v1/info', { ca, maxVersion: 'TLSv1.1' }));
});

test('what is not HTTP is refused, and does not end the listener', async () => {
  const { url } = await listen(LOOPBACK);
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.end('SSH-2.0-x\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 400 /);
  socket.destroy();
  assert.equal((await ask(url, '/v1/info')).status, 200);
});

test('a client that sends its request too slowly, nothing at all, or too much of a head is cut', async () => {
  const { url } = await listen(LOOPBACK, {
    headersTimeout: 40,
    requestTimeout: 80,
    keepAliveTimeout: 50,
    connectionsCheckingInterval: 10,
    handshakeTimeout: 50,
    silence: 60,
    maxHeaderSize: 1024,
    connections: 8,
  });
  const { port } = new URL(url);
  const head = `POST /v1/plan HTTP/1.1\r\nhost: 127.0.0.1\r\n`;
  for (const text of ['', 'GET /v1/info HTTP/1.1\r\n', `${head}x: ${'x'.repeat(2000)}\r\n`]) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(text);
    await once(socket.resume(), 'close');
  }
  const drip = connect(Number(port), '127.0.0.1');
  drip.on('error', () => undefined);
  drip.write('GET /v1/info HTTP/1.1\r\nhost: 127.0.0.1\r\n');
  const drops = setInterval(() => drip.write('x: y\r\n'), 10);
  await once(drip.resume(), 'close');
  clearInterval(drops);
  assert.equal((await ask(url, '/v1/info')).status, 200);
});

async function listen(settings: TcpSettings, limits?: TcpLimits): Promise<TcpListener> {
  const modules = {
    onFailure: (error: unknown) => failures.push(error),
    warn: (text: string) => warnings.push(text),
  };
  const listener = await listenTcp(director, settings, modules, limits);
  listeners.push(listener);
  return listener;
}

function tokenFile(text: string): string {
  const path = join(directory, `token-${Math.random()}`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ca?: readonly Buffer[];
  readonly maxVersion?: 'TLSv1.1';
}

async function ask(url: string, path: string, { headers, body, ca, maxVersion }: Ask = {}) {
  const options = {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    agent: false as const,
  };
  const outgoing = url.startsWith('https:')
    ? httpsRequest(url + path, { ...options, ca: ca as Buffer[], ...(maxVersion && { maxVersion }) })
    : httpRequest(url + path, options);
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const certificate =
    'encrypted' in response.socket ? (response.socket as TLSSocket).getPeerCertificate() : undefined;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const problem = (text === '' ? {} : JSON.parse(text)) as { code: string; hint: string };
  return {
    status: response.statusCode,
    problem,
    headers: response.headers,
    subject: certificate?.subject.CN,
  };
}
