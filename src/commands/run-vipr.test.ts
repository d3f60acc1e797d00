import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { serviceOn, settings } from '../../test/engine/sample-table.ts';
import { FakeEngine } from '../api/fake-engine.ts';
import { RunningApi } from '../api/running-api.ts';
import { formatConfig, inFileOrder } from '../config/format-config.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import type { Operation } from '../model/operation.ts';
import type { ServiceKey, ServiceSettings } from '../model/service.ts';
import { runVipr } from './run-vipr.ts';
import { version } from './version.ts';
import { TestDirectory } from './vipr-process.ts';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const outcome = { code: 0, stdout: '', stderr: '' };
  outcome.code = await runVipr(args, {
    env,
    stdout: (text) => {
      outcome.stdout += text;
    },
    stderr: (text) => {
      outcome.stderr += text;
    },
  });
  return outcome;
}

test('--version is the version of the package', async () => {
  assert.deepEqual(await run(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  assert.match(version, /^\d+\.\d+\.\d+/);
});

test('the help of the program and of every subcommand tells the exit codes', async () => {
  const help = await run(['--help']);
  assert.equal(help.code, 0);
  for (const name of ['up', 'down', 'status', 'check', 'plan', 'apply', 'reload', 'save']) {
    assert.match(help.stdout, new RegExp(`^ +${name} `, 'm'));
    const { code, stdout } = await run([name, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /Exit codes: 0 /);
  }
});

for (const args of [
  [],
  ['nothing'],
  ['check'],
  ['check', 'a', 'b'],
  ['status', '--bogus'],
  ['up', '--engine', 'dpdk'],
  ['up', '--attach', 'native'],
  ['down', '--force'],
  ['up', '--workers', '0'],
  ['up', '--workers', '1e3'],
  ['up', '--drain', '-1'],
  ['up', '--drain', 'x'],
  ['up', '--log-level', 'loud'],
  ['apply'],
  ['reload', 'vipr.yaml'],
  ['save', 'a', 'b'],
]) {
  test(`vipr ${args.join(' ')} is wrong usage`, async () => {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /Try `vipr|Usage: vipr/);
  });
}

test('check tells a good configuration', async () => {
  using directory = new TestDirectory();
  const file = directory.write('vipr.yaml', 'services: [{ service: tcp 127.0.0.1:80, destinations: [] }]');
  assert.deepEqual(await run(['check', file, '--engine', 'relay']), {
    code: 0,
    stdout: `${file}: good for engine relay: services 1, destinations 0\n`,
    stderr: '',
  });
});

test('check tells what the file gets wrong, and what the engine cannot do, on stderr', async () => {
  using directory = new TestDirectory();
  const file = directory.write('vipr.yaml', 'services: [{ service: tcp 127.0.0.1:80, shceduler: rr }]');
  assert.deepEqual(await run(['check', file]), {
    code: 2,
    stdout: '',
    stderr: `${file}:1:41: services[0].shceduler: is not a key here; did you mean scheduler?
Correct the file; nothing was started or changed.
`,
  });
  const marks = directory.write('marks.yaml', 'services: [{ service: fwmark 3 }]');
  assert.equal((await run(['check', marks, '--engine', 'memory'])).code, 0);
  const refused = await run(['check', marks, '--engine', 'relay']);
  assert.equal(refused.code, 2);
  assert.ok(refused.stderr.startsWith(`${marks}:1:23: services[0].service: `), refused.stderr);
});

test('check tells a file that cannot be read', async () => {
  const { code, stderr } = await run(['check', '/nonexistent/vipr.yaml']);
  assert.equal(code, 2);
  assert.match(stderr, /^vipr: The configuration \/nonexistent\/vipr\.yaml cannot be read: .*ENOENT/);
});

test('status without a director fails with what to do', async () => {
  const { code, stdout, stderr } = await run(['status'], { VIPR_SOCKET: '/nonexistent/vipr.sock' });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^vipr: No director is running at \/nonexistent\/vipr\.sock .*\nStart one with `vipr up`/,
  );
});

test('status shows the director at the socket, for reading and as JSON', async () => {
  const engine = new FakeEngine();
  engine.knownFaults.set('tcp 192.0.2.10:80' as ServiceKey, 'the address is not local');
  const api = await RunningApi.start(engine);
  try {
    const text = await run(['status', '--socket', api.socketPath]);
    assert.deepEqual([text.code, text.stderr], [0, '']);
    assert.match(text.stdout, /^vipr 1\.2\.3, pid \d+, up .*\nengine memory \(a test asked for it\)\n/);
    const json = await run(['status', '--json'], { VIPR_SOCKET: api.socketPath });
    assert.deepEqual([json.code, json.stderr], [0, '']);
    const status = JSON.parse(json.stdout);
    assert.equal(status.director.version, '1.2.3');
    assert.equal(status.engine.name, 'memory');
    assert.deepEqual(status.table.services, []);
    assert.deepEqual(status.faults, { 'tcp 192.0.2.10:80': 'the address is not local' });
  } finally {
    await api.close();
  }
});

test('save writes the table as a vipr.yaml, to standard output or into a file', async () => {
  using directory = new TestDirectory();
  const engine = new MemoryEngine();
  await engine.execute([add()]);
  const api = await RunningApi.start(engine, {
    configuration: async () => formatConfig({ table: inFileOrder(await engine.snapshot()) }),
  });
  const saved = `# The table of a director with the engine memory, written by vipr save.
timeouts: { tcp: 900, tcpfin: 120, udp: 300 }
services:
  - service: tcp 192.0.2.10:80
    scheduler: rr
`;
  try {
    const env = { VIPR_SOCKET: api.socketPath };
    assert.deepEqual(await run(['save'], env), { code: 0, stdout: saved, stderr: '' });
    const file = directory.write('vipr.yaml', '# by hand\n');
    assert.deepEqual(await run(['save', file], env), { code: 0, stdout: '', stderr: '' });
    assert.equal(readFileSync(file, 'utf8'), saved);
  } finally {
    await api.close();
  }
});

test('save tells what no file can hold, and leaves the file as it was', async () => {
  using directory = new TestDirectory();
  const engine = new MemoryEngine();
  await engine.execute([add({ onePacket: true })]);
  const api = await RunningApi.start(engine, {
    configuration: async () => formatConfig({ table: inFileOrder(await engine.snapshot()) }),
  });
  try {
    const file = directory.write('vipr.yaml', '# by hand\n');
    const { code, stderr } = await run(['save', file], { VIPR_SOCKET: api.socketPath });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^The table holds .*:\ntcp 192\.0\.2\.10:80: one-packet: one-packet .* not for tcp\n/,
    );
    assert.equal(readFileSync(file, 'utf8'), '# by hand\n');
  } finally {
    await api.close();
  }
});

function add(changes: Partial<ServiceSettings> = {}): Operation {
  return { kind: 'add-service', service: serviceOn('192.0.2.10'), settings: settings(changes) };
}
