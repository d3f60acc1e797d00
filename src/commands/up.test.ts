import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { DirectorClient } from '../api/client.ts';
import { parseIpAddress } from '../model/address.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import { TestDirectory, ViprProcess } from './vipr-process.ts';

const CONFIG = `engine: memory
services:
  - service: tcp 127.0.0.1:18080
    destinations: [{ address: 127.0.0.1:19001 }]
`;
/** In the one line that a director logs when it runs. */
const RUNS = 'control socket';

test('a director serves its configuration, and ends with 0 and without its socket on SIGTERM', async () => {
  using directory = new TestDirectory();
  const config = directory.write('vipr.yaml', CONFIG);
  await using vipr = new ViprProcess(['up', '--config', config, '--socket', directory.socket]);
  await vipr.logs(RUNS);
  const [line, ...others] = vipr.stderr
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text).msg);
  assert.equal(
    line,
    `engine memory (asked for by ${config}; it keeps the table and carries no traffic), control socket ${directory.socket}`,
  );
  assert.deepEqual(others, []);
  assert.equal(statSync(directory.socket).mode & 0o7777, 0o600);
  const client = new DirectorClient(directory.socket);
  const { services } = await client.snapshot();
  assert.deepEqual(
    services.map(({ id, destinations }) => [id, destinations.length]),
    [[parseServiceKey('tcp 127.0.0.1:18080'), 1]],
  );
  vipr.signal('SIGTERM');
  assert.deepEqual(await vipr.ended, { code: 0, signal: null });
  assert.equal(existsSync(directory.socket), false);
  await assert.rejects(client.snapshot(), { code: 'DIRECTOR_NOT_RUNNING' });
  await client.close();
});

test('SIGINT ends a director too, found through VIPR_SOCKET, though a client stays connected', async () => {
  using directory = new TestDirectory();
  await using vipr = new ViprProcess(['up', '--engine', 'memory'], { VIPR_SOCKET: directory.socket });
  await vipr.logs(RUNS);
  const idle = connect(directory.socket).on('error', () => undefined);
  await new Promise((resolve) => void idle.on('connect', resolve));
  vipr.signal('SIGINT');
  assert.deepEqual(await vipr.ended, { code: 0, signal: null });
  idle.destroy();
});

test('a second director at one socket is refused, the first goes on', async () => {
  using directory = new TestDirectory();
  await using first = new ViprProcess(['up', '--engine', 'memory', '--socket', directory.socket]);
  await first.logs(RUNS);
  await using second = new ViprProcess(['up', '--engine', 'memory', '--socket', directory.socket]);
  assert.deepEqual(await second.ended, { code: 1, signal: null });
  assert.match(second.stderr, /A director already runs at .*\n.*--socket/);
  const client = new DirectorClient(directory.socket);
  assert.equal((await client.info()).name, 'memory');
  await client.close();
});

test('the socket of a director that was killed is replaced', async () => {
  using directory = new TestDirectory();
  const args = ['up', '--engine', 'memory', '--socket', directory.socket];
  await using killed = new ViprProcess(args);
  await killed.logs(RUNS);
  killed.signal('SIGKILL');
  assert.equal((await killed.ended).signal, 'SIGKILL');
  assert.ok(existsSync(directory.socket));
  await using next = new ViprProcess(args);
  await next.logs(RUNS);
});

test('nothing is started with a configuration that has errors', async () => {
  using directory = new TestDirectory();
  const config = directory.write('bad.yaml', CONFIG.replace('engine: memory', 'engine: memory\nworker: 3'));
  await using vipr = new ViprProcess(['up', '--config', config, '--socket', directory.socket]);
  assert.deepEqual(await vipr.ended, { code: 2, signal: null });
  assert.ok(
    vipr.stderr.startsWith(`${config}:2:1: worker: is not a key here; did you mean workers?\n`),
    vipr.stderr,
  );
  assert.equal(existsSync(directory.socket), false);
});

test('a drain outlives the director, and what the next configuration gives up is not left behind', async () => {
  using directory = new TestDirectory();
  const config = directory.write('vipr.yaml', CONFIG);
  const address = parseIpAddress('127.0.0.1');
  assert.ok(address !== undefined);
  const then = 'leave';
  const client = new DirectorClient(directory.socket);
  {
    await using vipr = new ViprProcess(['up', '--config', config, '--socket', directory.socket]);
    await vipr.logs(RUNS);
    await client.drain({ address, then });
    vipr.signal('SIGTERM');
    await vipr.ended;
  }
  await using vipr = new ViprProcess(['up', '--config', config, '--socket', directory.socket]);
  await vipr.logs(RUNS);
  const [service] = (await client.snapshot()).services;
  assert.equal(service?.destinations[0]?.weight, 0);
  assert.equal((await client.drains())[0]?.destination, '127.0.0.1:19001');
  await client.restore({ address });
  assert.equal((await client.snapshot()).services[0]?.destinations[0]?.weight, 1);
  await client.close();
});

test('the log is as the configuration has it, and the level as a reload or the command line has it', async () => {
  using directory = new TestDirectory();
  const config = directory.write('vipr.yaml', `${CONFIG}logging: { format: text, level: warn }\n`);
  const words = ['up', '--config', config, '--socket', directory.socket];
  await using vipr = new ViprProcess(words);
  const client = new DirectorClient(directory.socket);
  while ((await client.info().catch(() => undefined)) === undefined) await setTimeout(20);
  assert.equal(vipr.stderr, '');
  directory.write('vipr.yaml', `${CONFIG}logging: { format: json }\n`);
  const { notes } = await client.reload();
  assert.deepEqual(notes, [`${config}: logging.format has changed, which takes a restart of the director.`]);
  await vipr.logs(' info  reloaded ');
  vipr.signal('SIGTERM');
  await vipr.ended;
  await using talkative = new ViprProcess([...words, '--log-level', 'info']);
  await talkative.logs(RUNS);
  await client.close();
});

test('a change that comes over the socket is logged with who asked for it', async () => {
  using directory = new TestDirectory();
  await using vipr = new ViprProcess(['up', '--engine', 'memory', '--socket', directory.socket]);
  await vipr.logs(RUNS);
  const client = new DirectorClient(directory.socket);
  await client.execute([{ kind: 'flush' }]);
  await client.close();
  await vipr.logs('"msg":"flush all services"');
  assert.match(vipr.stderr, new RegExp(`"operation":"flush","actor":"pid ${process.pid} \\(`));
});

test('the relay carries traffic to the destination; the first signal drains, the second ends at once', async () => {
  using directory = new TestDirectory();
  const server = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const vip = await freePort();
  const config = directory.write(
    'vipr.yaml',
    `engine: relay\nworkers: 1\nservices: [{ service: tcp 127.0.0.1:${vip}, destinations: [{ address: 127.0.0.1:${port} }] }]`,
  );
  await using vipr = new ViprProcess([
    'up',
    '--config',
    config,
    '--socket',
    directory.socket,
    '--drain',
    '60',
  ]);
  const client = new Socket().on('error', () => undefined);
  try {
    await vipr.logs(RUNS);
    await new Promise<void>((resolve) => void client.connect(vip, '127.0.0.1', resolve));
    assert.equal(await echo(client, 'before'), 'before');
    vipr.signal('SIGTERM');
    await vipr.logs('SIGTERM: connections may go on for 60 s');
    assert.equal(await echo(client, 'while draining'), 'while draining');
    vipr.signal('SIGTERM');
    assert.deepEqual(await vipr.ended, { code: 0, signal: null });
    assert.equal(existsSync(directory.socket), false);
  } finally {
    client.destroy();
    server.close();
  }
});

function echo(socket: Socket, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (data) => resolve(String(data)));
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.write(text);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
