import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DirectorClient } from '../../src/api/client.ts';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';
import { FakeNotifySocket } from '../../src/system/fake-notify-socket.ts';

const CONFIG = 'engine: memory\nservices: [{ service: tcp 127.0.0.1:18080 }]\n';

test('a service manager hears of the start, of reloads and the end, and a heartbeat', async () => {
  using directory = new TestDirectory();
  const path = join(directory.path, 'notify');
  using manager = new FakeNotifySocket(path);
  const config = directory.write('vipr.yaml', CONFIG);
  await using vipr = new ViprProcess(['up', '--config', config, '--socket', directory.socket], {
    NOTIFY_SOCKET: path,
    WATCHDOG_USEC: '200000',
  });
  const ready = await manager.waitFor('READY=1');
  assert.ok(manager.received[ready]?.includes('STATUS=engine memory'), String(manager.received[ready]));
  const client = new DirectorClient(directory.socket);
  assert.equal((await client.snapshot()).services.length, 1);
  const beat = await manager.waitFor('WATCHDOG=1', ready + 1);
  await manager.waitFor('WATCHDOG=1', beat + 1);

  vipr.signal('SIGHUP');
  const reloading = await manager.waitFor('RELOADING=1', ready);
  assert.match(manager.received[reloading]?.join() ?? '', /MONOTONIC_USEC=\d+/);
  const reloaded = await manager.waitFor('READY=1', reloading);
  await client.reload();
  const again = await manager.waitFor('RELOADING=1', reloaded);
  const ended = await manager.waitFor('READY=1', again);
  directory.write('vipr.yaml', 'engines: memory\n');
  await assert.rejects(client.reload(), { code: 'CONFIG_INVALID' });
  const refused = await manager.waitFor(/^STATUS=the reload failed, nothing changed: .*engines/, ended);
  assert.ok(manager.received[refused]?.includes('READY=1'));
  await client.close();

  vipr.signal('SIGTERM');
  await manager.waitFor('STOPPING=1', refused);
  assert.deepEqual(await vipr.ended, { code: 0, signal: null });
});

test('a configuration with errors is never ready', async () => {
  using directory = new TestDirectory();
  const path = `@vipr-notify-test-${process.pid}`;
  using manager = new FakeNotifySocket(path);
  const config = directory.write('vipr.yaml', 'engines: memory\n');
  await using vipr = new ViprProcess(['up', '--config', config, '--socket', directory.socket], {
    NOTIFY_SOCKET: path,
  });
  // RestartPreventExitStatus= of the unit.
  assert.deepEqual(await vipr.ended, { code: 2, signal: null });
  manager.read();
  assert.deepEqual(
    manager.received.flat().filter((line) => line === 'READY=1'),
    [],
  );
});

test('a log that nobody reads any more does not end the director', async () => {
  using directory = new TestDirectory();
  const main = fileURLToPath(new URL('../../src/commands/main.ts', import.meta.url));
  const args = ['up', '--engine', 'memory', '--socket', directory.socket, '--log-format', 'text'];
  const vipr = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => void vipr.on('close', (code) => resolve(code)));
  try {
    const [first] = await new Promise<[Buffer]>(
      (resolve) => void vipr.stderr.once('data', (...data) => resolve(data as [Buffer])),
    );
    assert.match(String(first), /^\d\d:\d\d:\d\d\.\d{3} info {2}engine memory/);
    vipr.stderr.destroy();
    const client = new DirectorClient(directory.socket);
    for (let count = 0; count < 3; count += 1) await client.execute([{ kind: 'flush' }]);
    assert.equal((await client.info()).name, 'memory');
    await client.close();
    assert.equal(vipr.exitCode, null);
    vipr.kill('SIGTERM');
    assert.equal(await ended, 0);
  } finally {
    if (vipr.exitCode === null) vipr.kill('SIGKILL');
    await ended;
  }
});
