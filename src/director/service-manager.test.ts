import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { serviceManagerOf } from './service-manager.ts';

function manager(env: NodeJS.ProcessEnv, refused?: Error) {
  const sent: string[][] = [];
  const warnings: string[] = [];
  const started = serviceManagerOf(
    env,
    { warn: (text: unknown) => void warnings.push(String(text)) },
    (path, assignments) => {
      if (refused !== undefined) throw refused;
      assert.equal(path, '/run/notify');
      sent.push([...assignments]);
    },
  );
  return { started, sent, warnings };
}

test('without NOTIFY_SOCKET nobody is told, and reloads go on', async () => {
  const { started, sent } = manager({ WATCHDOG_USEC: '1000' });
  started.ready('');
  started.status('');
  started.stopping('');
  assert.equal(await started.reload(async () => 3), 3);
  started.dispose();
  assert.deepEqual(sent, []);
});

test('the variables are taken out of the environment', () => {
  const env = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '1', WATCHDOG_PID: '1', PATH: '/bin' };
  manager(env).started.dispose();
  assert.deepEqual(env, { PATH: '/bin' });
});

test('the start, reloads and the end are told', async () => {
  const { started, sent } = manager({ NOTIFY_SOCKET: '/run/notify' });
  started.ready('engine relay, 2 services');
  started.status('a\nb');
  assert.equal(await started.reload(async () => 3), 3);
  await assert.rejects(
    started.reload(() => Promise.reject(new Error('line 3:\n  bad'))),
    /bad/,
  );
  started.stopping('SIGTERM');
  const times = sent.flat().filter((line) => line.startsWith('MONOTONIC_USEC='));
  assert.deepEqual(
    sent.map((lines) => lines.filter((line) => !times.includes(line))),
    [
      ['READY=1', 'STATUS=engine relay, 2 services'],
      ['STATUS=a; b'],
      ['RELOADING=1', 'STATUS=reads the configuration again'],
      ['READY=1', 'STATUS=runs with the configuration that was reloaded'],
      ['RELOADING=1', 'STATUS=reads the configuration again'],
      ['READY=1', 'STATUS=the reload failed, nothing changed: line 3:; bad'],
      ['STOPPING=1', 'STATUS=SIGTERM'],
    ],
  );
  assert.equal(times.length, 2);
  for (const time of times) {
    const now = Number(process.hrtime.bigint() / 1000n);
    const then = Number(time.slice('MONOTONIC_USEC='.length));
    assert.ok(Number.isInteger(then) && then <= now && then > now - 60e6, time);
  }
});

test('the heartbeat comes at half of the time, for this process alone, until the end', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { started, sent } = manager({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000000' });
    assert.deepEqual(sent, [['WATCHDOG=1']]);
    mock.timers.tick(1499);
    assert.equal(sent.length, 1);
    mock.timers.tick(1);
    assert.equal(sent.length, 2);
    mock.timers.tick(3000);
    assert.equal(sent.length, 4);
    started.dispose();
    mock.timers.tick(9000);
    assert.equal(sent.length, 4);
    for (const more of [{ WATCHDOG_PID: '1' }, { WATCHDOG_USEC: '0' }, { WATCHDOG_USEC: 'soon' }]) {
      const other = manager({ NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000000', ...more });
      mock.timers.tick(9000);
      assert.deepEqual(other.sent, []);
    }
  } finally {
    mock.timers.reset();
  }
});

test('a manager that cannot be told is a warning, once', () => {
  const { started, warnings } = manager({ NOTIFY_SOCKET: '/run/notify' }, new Error('sendto: gone'));
  started.ready('');
  started.stopping('');
  assert.deepEqual(warnings, ['NOTIFY_SOCKET /run/notify cannot be told: sendto: gone']);
});
