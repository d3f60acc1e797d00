// biome-ignore-all lint/suspicious/noThenProperty: requests, which nobody awaits
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { IpAddress } from '../model/address.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import type { ServiceId } from '../model/service.ts';
import type { Port } from '../model/unit.ts';
import { DirectorClient } from './client.ts';
import { FakeDirector } from './fake-director.ts';
import { FakeEngine } from './fake-engine.ts';
import { DRAINS, HEALTHS } from './fake-facts.ts';
import { CONFIGURED, DAEMONS, SYNC, VRRP } from './fake-high-availability.ts';
import type { DirectorEvent } from './operated-director.ts';
import { directorOf, RunningApi } from './running-api.ts';
import { selfSigned } from './tcp/self-signed.ts';
import { listenTcp, type TcpListener } from './tcp/tcp-listener.ts';

const TOKEN = '0123456789abcdef0123';
const WEB = serviceId('tcp 192.0.2.10:80');

let directory: string;
let engine: FakeEngine;
let director: FakeDirector;
let api: RunningApi;
let client: DirectorClient;
const listeners: TcpListener[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vipr-client-'));
  engine = new FakeEngine();
  director = new FakeDirector(engine);
  director.healths = HEALTHS;
  director.drainStatuses = DRAINS;
  director.vrrpStatus = VRRP;
  engine.knownDaemons = DAEMONS;
  engine.syncStatus = SYNC;
  director.configured = CONFIGURED;
  api = await RunningApi.start(engine, {}, director);
  client = new DirectorClient(api.socketPath);
});

afterEach(async () => {
  await client.close();
  await api.close();
  for (const listener of listeners.splice(0)) await listener.close();
  rmSync(directory, { recursive: true });
});

test('health, drains, explanations, metrics and the document come over the socket', async () => {
  await assertOperates(client);
});

test('an answer without its lists is refused', async () => {
  for (const [method, body] of [
    ['vrrp', { instances: [] }],
    ['synchronisation', {}],
  ] as const) {
    Object.assign(director, { vrrp: () => body });
    engine.knownDaemons = undefined as never;
    engine.syncStatus = {};
    await assert.rejects(client[method](), { code: 'RESPONSE_INVALID' }, method);
  }
});

test('the same over TCP, with a token, with TLS and without', async (context) => {
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  const settings = { address: '127.0.0.1' as IpAddress, port: 0 as Port, tokenFile };
  const plain = await listen(settings);
  await using overTcp = closing(new DirectorClient({ url: plain.url, token: TOKEN }));
  await assertOperates(overTcp);
  assert.deepEqual(await overTcp.execute([{ kind: 'flush' }]), [undefined]);
  await using stranger = closing(new DirectorClient({ url: plain.url, token: `${TOKEN}x` }));
  await assert.rejects(stranger.info(), { code: 'PERMISSION_DENIED', message: /token/ });

  const tls = selfSigned(directory, 'director');
  if (tls === undefined) return context.diagnostic('without TLS: openssl is not installed');
  const secure = await listen({ ...settings, tls });
  const certificateAuthority = readFileSync(tls.certificate, 'utf8');
  await using overTls = closing(new DirectorClient({ url: secure.url, token: TOKEN, certificateAuthority }));
  await assertOperates(overTls);
  const byName = secure.url.replace('127.0.0.1', 'localhost');
  await using named = closing(new DirectorClient({ url: byName, token: TOKEN, certificateAuthority }));
  assert.equal((await named.info()).name, 'memory');
  await using distrustful = closing(new DirectorClient({ url: secure.url, token: TOKEN }));
  await assert.rejects(distrustful.info(), { code: 'RESPONSE_INVALID', hint: /certificate/ });
});

test('without a token loopback is read, and not changed', async () => {
  const { url } = await listen({ address: '127.0.0.1' as IpAddress, port: 0 as Port });
  await using reader = closing(new DirectorClient({ url }));
  assert.deepEqual(await reader.health(), HEALTHS);
  await assert.rejects(reader.restore({ address: '10.0.0.11' as IpAddress }), { code: 'PERMISSION_DENIED' });
  assert.deepEqual(director.asked, []);
});

test('what is no URL of a director, and where none answers, is told', async () => {
  for (const url of ['director', 'ftp://127.0.0.1', 'http://127.0.0.1/v1', '']) {
    assert.throws(() => new DirectorClient({ url }), { code: 'USAGE' });
  }
  assert.throws(() => new DirectorClient({ url: 'http://127.0.0.1', token: 'a\r\nb' }), { code: 'USAGE' });
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => void server.close(resolve));
  await using nobody = closing(new DirectorClient({ url: `http://127.0.0.1:${port}` }));
  await assert.rejects(nobody.info(), { code: 'DIRECTOR_NOT_RUNNING' });
});

test('a drain, its end and an explanation ask for what they were given', async () => {
  const address = '10.0.0.11' as IpAddress;
  const drain = { address, port: 80 as Port, then: 'leave', deadline: 60 } as const;
  assert.deepEqual(await client.drain(drain), [DRAINS[0]]);
  assert.deepEqual(await client.restore({ address }), [DRAINS[0]]);
  await assert.rejects(client.restore({ address: '10.9.9.9' as IpAddress }), {
    code: 'DESTINATION_NOT_FOUND',
  });
  const asked = { address: '2001:db8::7' as IpAddress, port: 9 as Port };
  await assert.rejects(client.explain(asked, WEB), { code: 'SERVICE_NOT_FOUND' });
  assert.deepEqual(director.asked, [
    { drain },
    { restore: { address } },
    { restore: { address: '10.9.9.9' } },
    { explain: { client: asked, service: WEB } },
  ]);
});

test('connections come filtered, and in pages that lead through all of them', async () => {
  const all = Array.from({ length: 25 }, (_, number) => connection(number));
  engine.pages = async function* () {
    yield all;
  };
  const service = WEB;
  const filtered = await Array.fromAsync(
    client.connections({ service, client: { address: all[0]?.clientAddress as never, port: 7 as Port } }),
  );
  assert.deepEqual(filtered, [[all[7]]]);
  const seen: ConnectionEntry[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await client.connectionPage({ service, limit: 10, ...(cursor !== undefined && { cursor }) });
    seen.push(...page.connections);
    cursor = page.next;
    if (cursor === undefined) break;
  }
  assert.equal(new Set(seen.map(({ clientPort }) => clientPort)).size, 25);
  assert.equal((await client.connectionPage()).connections.length, 25);
});

test('events are followed over a connection that is lost, and end when they are no longer wanted', async () => {
  for (const text of ['one', 'two']) director.happen({ kind: 'change', text });
  const end = new AbortController();
  const seen: DirectorEvent[] = [];
  for await (const event of client.followEvents(0, { retryDelay: 1, signal: end.signal })) {
    seen.push(event);
    if (event.id === 2) {
      const { socketPath } = api;
      await api.close();
      director.happen({ kind: 'change', text: 'three' });
      // Somebody has to be there when it looks again, and a while later, too.
      api = await RunningApi.start(engine, {}, director, socketPath);
    }
    if (event.id === 3) director.happen({ kind: 'change', text: 'four' });
    if (event.id === 4) end.abort();
  }
  assert.deepEqual(seen, director.happened);
  assert.deepEqual(await client.events(3), director.happened.slice(3));
});

test('events are not followed where nobody answers, nor longer than asked for', async () => {
  await using nobody = closing(new DirectorClient(join(directory, 'none.sock')));
  await assert.rejects(Array.fromAsync(nobody.followEvents()), { code: 'DIRECTOR_NOT_RUNNING' });
  const follow = Array.fromAsync(client.followEvents(0, { resume: false }));
  const { listeners: readers } = director;
  while (readers.size < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  await api.close();
  assert.deepEqual(await follow, []);
  api = await RunningApi.start(engine, {}, director);
});

test('a client that is closed follows no longer', async () => {
  director.happen({ kind: 'change', text: 'one' });
  const other = new DirectorClient(api.socketPath);
  const events = other.followEvents(0, { retryDelay: 1 })[Symbol.asyncIterator]();
  assert.deepEqual((await events.next()).value, director.happened[0]);
  const next = events.next();
  await other.close();
  assert.deepEqual(await next, { done: true, value: undefined });
});

async function assertOperates(to: DirectorClient): Promise<void> {
  assert.deepEqual(await to.health(), HEALTHS);
  assert.deepEqual(await to.drains(), DRAINS);
  assert.deepEqual(await to.wanted(), { services: [], timeouts: { tcp: 900, tcpfin: 120, udp: 300 } });
  assert.deepEqual(await to.vrrp(), VRRP);
  const synchronisation = { daemons: DAEMONS, ...CONFIGURED, ...SYNC };
  assert.deepEqual(await to.synchronisation(), synchronisation);
  const { director: _, engine: __, table: ___, faults: ____, ...rest } = await to.status();
  assert.deepEqual(rest, { health: HEALTHS, drains: DRAINS, drift: [], vrrp: VRRP, synchronisation });
  assert.match(await to.metrics(['director']), /^# HELP vipr_build_info /);
  assert.match(await to.metrics(), /^node_ipvs_connections_total 0$/m);
  await assert.rejects(to.metrics(['x']), { code: 'REQUEST_INVALID' });
  assert.ok('paths' in (await to.openApi()));
}

async function listen(settings: Parameters<typeof listenTcp>[1]): Promise<TcpListener> {
  const modules = { onFailure: assert.ifError, warn: assert.fail };
  const listener = await listenTcp(directorOf(engine, director), settings, modules);
  listeners.push(listener);
  return listener;
}

function closing(opened: DirectorClient): DirectorClient & AsyncDisposable {
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() });
}

function serviceId(key: string): ServiceId {
  const id = parseServiceKey(key);
  assert.ok(id !== undefined);
  return id;
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
