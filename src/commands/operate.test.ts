import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceOn, settings } from '../../test/engine/sample-table.ts';
import { FakeDirector } from '../api/fake-director.ts';
import { FakeEngine } from '../api/fake-engine.ts';
import { CONFIGURED, DAEMONS, SYNC, VRRP } from '../api/fake-high-availability.ts';
import { directorOf, RunningApi } from '../api/running-api.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { runVipr } from './run-vipr.ts';
import { TestDirectory } from './vipr-process.ts';

/** Runs `vipr` on a director of the memory engine, with one service. */
async function run(...args: readonly string[]) {
  return runOn(new MemoryEngine(), args);
}

async function runOn(
  engine: MemoryEngine | FakeEngine,
  args: readonly string[],
  prepare: (director: FakeDirector) => void = () => {},
) {
  await engine.execute([{ kind: 'add-service', service: serviceOn('192.0.2.10'), settings: settings() }]);
  const director = new FakeDirector(engine);
  director.happen({ kind: 'started', text: 'started: services 1' });
  director.happen({ kind: 'reload', text: 'reloaded' });
  prepare(director);
  const api = await RunningApi.start(engine, directorOf(engine, director));
  const outcome = { code: -1, stdout: '', stderr: '', asked: director.asked };
  try {
    outcome.code = await runVipr(args, {
      env: { VIPR_SOCKET: api.socketPath },
      stdout: (text) => {
        outcome.stdout += text;
      },
      stderr: (text) => {
        outcome.stderr += text;
      },
    });
  } finally {
    await api.close();
  }
  return outcome;
}

test('drain and restore ask for what their arguments say', async () => {
  const drained = await run('drain', '[2001:db8::11]:80', '--deadline', '5m', '--then', 'remove');
  assert.equal(drained.code, 1);
  assert.match(drained.stderr, /^vipr: No service has the destination 2001:db8::11/);
  const terms = { deadline: 300, ['then' as string]: 'remove' };
  assert.deepEqual(drained.asked, [{ drain: { address: '2001:db8::11', port: 80, ...terms } }]);
  const { asked } = await run('restore', '10.0.0.11', '--service', '192.0.2.10:80');
  assert.deepEqual(asked, [{ restore: { address: '10.0.0.11', service: 'tcp 192.0.2.10:80' } }]);
});

test('drain without an address lists drains, and health those that are watched', async () => {
  assert.deepEqual(
    [(await run('drain')).stdout, (await run('drain', '--json')).stdout],
    ['no drains\n', '{\n  "drains": []\n}\n'],
  );
  assert.equal((await run('health')).stdout, 'no service is watched\n');
});

test('VRRP and synchronisation are shown, and what is wrong with them is exit code 1', async () => {
  const synchronisation = { daemons: DAEMONS, ...CONFIGURED, ...SYNC };
  const troubled = async (...args: readonly string[]) => {
    const engine = new FakeEngine();
    engine.knownDaemons = DAEMONS;
    engine.syncStatus = SYNC;
    return runOn(engine, args, (director) => {
      director.vrrpStatus = VRRP;
      director.configured = CONFIGURED;
    });
  };
  const none = [await run('vrrp'), await run('sync')].map(({ code, stdout }) => [code, stdout]);
  assert.deepEqual(none, [
    [0, 'no VRRP: the configuration has no instances\n'],
    [0, 'no synchronisation daemon runs, and none is configured\n'],
  ]);
  const vrrp = await troubled('vrrp', '--verbose');
  assert.equal(vrrp.code, 1);
  assert.match(vrrp.stdout, /^VI_1 {2}master for \d+ d \d+ h, priority 150\n/);
  assert.match(vrrp.stdout, / {2}sent 1234, /);
  assert.doesNotMatch((await troubled('vrrp')).stdout, / {2}sent 1234, /);
  assert.deepEqual(JSON.parse((await troubled('vrrp', '--json')).stdout), VRRP);
  const sync = await troubled('sync');
  assert.equal(sync.code, 1);
  assert.match(sync.stdout, /^master {2}does NOT run, for \d+ d .*\n.*\n\nmaster {2}runs for \d+ d/);
  assert.deepEqual(JSON.parse((await troubled('sync', '--json')).stdout), synchronisation);
  const status = await troubled('status');
  assert.equal(status.code, 0);
  assert.match(status.stdout, /^VRRP: master VI_1; fault VI_2 \(interface eth1 is down\)$/m);
  assert.match(
    status.stdout,
    /^synchronisation: master on eth9 does NOT run: no interface eth9; master on eth0, FAULT: .*; backup on eth0, NOT /m,
  );
  const { vrrp: told, synchronisation: seen } = JSON.parse((await troubled('status', '--json')).stdout);
  assert.deepEqual([told, seen], [VRRP, synchronisation]);
});

test('a client that nobody takes is exit code 1', async () => {
  const { code, stdout, asked } = await run('explain', '198.51.100.7', 'tcp', '192.0.2.10:80');
  assert.equal(code, 1);
  assert.match(stdout, /no destination takes it\n- Nobody is there\.\nno destinations\n$/);
  assert.deepEqual(asked, [
    { explain: { client: { address: '198.51.100.7' }, service: serviceOn('192.0.2.10') } },
  ]);
  assert.equal((await run('explain', '198.51.100.7', '192.0.2.11:80')).code, 1);
});

test('events come after the one that is named', async () => {
  assert.match((await run('events', '--after', '1')).stdout, /^ {3}2 {2}2026-.* reload +reloaded\n$/);
  const lines = (await run('events', '--json')).stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).id),
    [1, 2],
  );
});

test('set changes the table, and says for how long', async () => {
  const { code, stdout } = await run('set', '192.0.2.10:80', 'scheduler=wlc');
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^~ tcp 192\.0\.2\.10:80: scheduler rr -> wlc\nchanged 1\nIt lasts until the next reload/,
  );
  const { changes } = JSON.parse((await run('set', '192.0.2.10:80', 'scheduler=wlc', '--json')).stdout);
  assert.equal(changes.length, 1);
});

for (const args of [
  ['drain', 'web'],
  ['drain', '10.0.0.11', '--then', 'stop'],
  ['drain', '10.0.0.11', '--deadline', '0'],
  ['drain', '10.0.0.11', '--service', 'web'],
  ['restore'],
  ['explain', '198.51.100.7'],
  ['explain', '198.51.100.7', '192.0.2.10:80', '--udp', '--sctp'],
  ['events', '--after', '-1'],
  ['set', '192.0.2.10:80', 'scheduling=rr'],
]) {
  test(`vipr ${args.join(' ')} is wrong usage`, async () => {
    const { code, stderr, asked } = await run(...args);
    assert.equal(code, 2, stderr);
    assert.deepEqual(asked, []);
  });
}

test('check --json tells problems by their positions', async () => {
  using directory = new TestDirectory();
  const good = directory.write('good.yaml', 'engine: memory\nservices: [{ service: "tcp 192.0.2.10:80" }]\n');
  const checked = await run('check', '--json', good);
  assert.equal(checked.code, 0);
  assert.deepEqual(JSON.parse(checked.stdout), {
    file: good,
    good: true,
    engine: 'memory',
    services: 1,
    destinations: 0,
    problems: [],
    warnings: [],
  });
  const bad = directory.write('bad.yaml', 'engine: memory\nworker: 3\n');
  const refused = await run('check', '--json', bad);
  assert.equal(refused.code, 2);
  const { good: fine, problems } = JSON.parse(refused.stdout);
  assert.equal(fine, false);
  const message = 'is not a key here; did you mean workers?';
  assert.deepEqual(problems, [{ file: bad, line: 2, column: 1, path: 'worker', message }]);
  assert.equal((await run('check', '--json', 'missing.yaml')).code, 2);
});

test('save --json is the table that apply takes', async () => {
  const { code, stdout } = await run('save', '--json');
  assert.equal(code, 0);
  const { services, timeouts } = JSON.parse(stdout);
  assert.deepEqual([services[0].scheduler, timeouts.tcp], ['rr', 900]);
});
