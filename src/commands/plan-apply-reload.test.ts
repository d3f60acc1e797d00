import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import { describe, test } from 'node:test';
import { serviceOnMark, settings } from '../../test/engine/sample-table.ts';
import { DirectorClient } from '../api/client.ts';
import { parseConfig } from '../config/load-config.ts';
import { runVipr } from './run-vipr.ts';
import { TestDirectory, ViprProcess } from './vipr-process.ts';

const WEB = `services:
  - service: tcp 192.0.2.10:80
    scheduler: rr
    destinations: [{ address: 10.0.0.1:80 }]
`;
const HEAVIER = WEB.replace('10.0.0.1:80 }', '10.0.0.1:80, weight: 5 }');
const BROKEN = WEB.replace('scheduler', 'shceduler');
const DNS = 'services: [{ service: udp 192.0.2.10:53 }]\n';
const WEIGHT = '  tcp 192.0.2.10:80\n    ~ 10.0.0.1:80: weight 1 -> 5\n';

/** A director with the memory engine and a configuration, and what runs commands on it. */
class Running implements AsyncDisposable {
  readonly directory = new TestDirectory();
  readonly config = this.directory.write('vipr.yaml', WEB);
  readonly #vipr: ViprProcess;

  private constructor(configured: boolean) {
    const config = configured ? ['--config', this.config] : [];
    this.#vipr = new ViprProcess(['up', '--engine', 'memory', '--socket', this.directory.socket, ...config]);
  }

  static async start(configured = true): Promise<Running> {
    const running = new Running(configured);
    await running.#vipr.logs('control socket');
    return running;
  }

  async run(...args: readonly string[]) {
    const outcome = { code: 0, stdout: '', stderr: '' };
    outcome.code = await runVipr(args, {
      env: { VIPR_SOCKET: this.directory.socket },
      stdout: (text) => {
        outcome.stdout += text;
      },
      stderr: (text) => {
        outcome.stderr += text;
      },
    });
    return outcome;
  }

  /** Gives the configuration another text, at once. */
  replaceConfig(text: string): void {
    renameSync(this.directory.write('next.yaml', text), this.config);
  }

  hangUp(): void {
    this.#vipr.signal('SIGHUP');
  }

  logs(text: string): Promise<void> {
    return this.#vipr.logs(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vipr[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}

describe('vipr plan', () => {
  test('tells what would change, by its exit code too, and changes nothing', async () => {
    await using running = await Running.start();
    const file = running.directory.write('heavier.yaml', HEAVIER);
    const expected = { code: 2, stdout: `${WEIGHT}to change 1\n`, stderr: '' };
    assert.deepEqual(await running.run('plan', file), expected);
    assert.deepEqual(await running.run('plan', file), expected);
    const same = await running.run('plan', running.config);
    assert.deepEqual(same, { code: 0, stdout: 'nothing to change\n', stderr: '' });
  });

  test('is JSON where that is asked for', async () => {
    await using running = await Running.start();
    const file = running.directory.write('heavier.yaml', HEAVIER);
    const { code, stdout } = await running.run('plan', '--json', file);
    assert.equal(code, 2);
    assert.deepEqual(JSON.parse(stdout), {
      changes: [
        {
          action: 'change',
          service: 'tcp 192.0.2.10:80',
          destination: '10.0.0.1:80',
          fields: [{ field: 'weight', before: '1', after: '5' }],
        },
      ],
    });
  });

  test('fails with 1 for a file with errors, for what cannot be, without a director, and for wrong usage', async () => {
    await using running = await Running.start();
    const broken = running.directory.write('broken.yaml', BROKEN);
    const mistake = await running.run('plan', broken);
    assert.deepEqual([mistake.code, mistake.stdout], [1, '']);
    assert.ok(mistake.stderr.startsWith(`${broken}:3:5: services[0].shceduler: is not a key here;`));
    const unknown = running.directory.write('unknown.yaml', WEB.replace('rr', 'rrr'));
    const rehearsed = await running.run('plan', unknown);
    assert.equal(rehearsed.code, 1);
    assert.match(rehearsed.stderr, /:3:16: services\[0\]\.scheduler: rrr is not a scheduler/);
    assert.equal((await running.run('plan', running.config, '--socket', '/nonexistent')).code, 1);
    assert.equal((await running.run('plan')).code, 1);
    assert.equal((await running.run('plan', '--bogus', running.config)).code, 1);
  });
});

describe('vipr apply', () => {
  test('changes what the plan said, and nothing the second time', async () => {
    await using running = await Running.start();
    const file = running.directory.write('heavier.yaml', HEAVIER);
    const applied = await running.run('apply', file);
    assert.deepEqual(applied, { code: 0, stdout: `${WEIGHT}changed 1\n`, stderr: '' });
    assert.deepEqual((await running.run('apply', file)).stdout, 'nothing was to change\n');
    await running.logs('changed tcp 192.0.2.10:80 -> 10.0.0.1:80: weight 1 -> 5');
  });

  test('deletes what the director owned, and the rest with --prune', async () => {
    await using running = await Running.start();
    const [dns, empty] = [
      running.directory.write('dns.yaml', DNS),
      running.directory.write('empty.yaml', 'services: []\n'),
    ];
    assert.match((await running.run('apply', dns)).stdout, /^\+ udp .*\n- tcp .*\nadded 1, removed 1\n$/);
    const client = new DirectorClient(running.directory.socket);
    const byHand = { kind: 'add-service', service: serviceOnMark(7), settings: settings() } as const;
    assert.deepEqual(await client.execute([byHand]), [undefined]);
    await client.close();
    assert.match((await running.run('apply', empty)).stdout, /^- udp .*\nremoved 1\n$/);
    assert.equal((await running.run('plan', empty)).code, 0);
    assert.equal((await running.run('plan', '--prune', empty)).code, 2);
    assert.match((await running.run('apply', '--prune', empty)).stdout, /^- fwmark 7 inet: .*\nremoved 1\n$/);
  });

  test('with errors in the file changes nothing', async () => {
    await using running = await Running.start();
    const { code, stdout } = await running.run('apply', running.directory.write('broken.yaml', BROKEN));
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal((await running.run('plan', running.config)).code, 0);
  });
});

describe('reloading', () => {
  test('vipr reload applies the file that is there now, and tells what that changed', async () => {
    await using running = await Running.start();
    running.replaceConfig(HEAVIER);
    assert.deepEqual(await running.run('reload'), { code: 0, stdout: `${WEIGHT}changed 1\n`, stderr: '' });
    await running.logs(`reloaded ${running.config}: changes 1`);
    const { stdout } = await running.run('reload', '--json');
    assert.deepEqual(JSON.parse(stdout), { changes: [], notes: [] });
  });

  test('what takes a restart is told', async () => {
    await using running = await Running.start();
    running.replaceConfig(`workers: 3\n${WEB}`);
    const { code, stderr } = await running.run('reload');
    assert.deepEqual(
      [code, stderr],
      [0, `${running.config}: workers has changed, which takes a restart of the director.\n`],
    );
    await running.logs('workers has changed');
  });

  test('a bad file changes nothing and says why, to whoever asks and in the log', async () => {
    await using running = await Running.start();
    running.replaceConfig(BROKEN);
    const { code, stdout, stderr } = await running.run('reload');
    assert.deepEqual([code, stdout], [1, '']);
    assert.ok(stderr.startsWith(`${running.config}:3:5: services[0].shceduler: is not a key here;`), stderr);
    await running.logs('services[0].shceduler: is not a key here');
    const before = running.directory.write('before.yaml', WEB);
    assert.equal((await running.run('plan', before)).code, 0);
  });

  test('SIGHUP does the same', async () => {
    await using running = await Running.start();
    running.replaceConfig(BROKEN);
    running.hangUp();
    await running.logs('services[0].shceduler: is not a key here');
    running.replaceConfig(HEAVIER);
    running.hangUp();
    await running.logs(`reloaded ${running.config}: changes 1`);
    const heavier = running.directory.write('heavier.yaml', readFileSync(running.config, 'utf8'));
    assert.equal((await running.run('plan', heavier)).code, 0);
  });

  test('a file that is replaced meanwhile is read as the old one or the new one', async () => {
    await using running = await Running.start();
    const reloads = Array.from({ length: 20 }, async (_, index) => {
      running.replaceConfig(index % 2 === 0 ? HEAVIER : WEB);
      return running.run('reload');
    });
    for (const { code, stderr } of await Promise.all(reloads)) assert.deepEqual([code, stderr], [0, '']);
    assert.equal((await running.run('plan', running.config)).code, 0);
  });

  test('without a configuration there is nothing to reload, and SIGHUP ends nothing', async () => {
    await using running = await Running.start(false);
    running.hangUp();
    await running.logs('The director was started without a configuration.');
    const { code, stderr } = await running.run('reload');
    assert.equal(code, 1);
    assert.match(stderr, /^vipr: The director was started without a configuration\.\nGive a file to/);
  });
});

test('save keeps checks and settings, and has the weight that was set by hand', async () => {
  await using running = await Running.start();
  const watched = WEB.replace('scheduler: rr', 'scheduler: rr\n    checks: [{ type: tcp, interval: 3s }]');
  running.replaceConfig(`drift: repair\n${watched}`);
  assert.equal((await running.run('reload')).code, 0);
  await running.run('set', '192.0.2.10:80', '10.0.0.1:80', 'weight=7');
  const { code, stdout } = await running.run('save');
  assert.equal(code, 0);
  assert.match(stdout, /^drift: repair$/m);
  const { monitoring, table } = parseConfig(stdout, 'saved');
  const [service] = [...monitoring.values()];
  const [destination] = [...(service?.destinations.values() ?? [])];
  assert.deepEqual(
    destination?.checks.map(({ probe, timing }) => [probe.kind, timing.interval]),
    [['tcp', 3000]],
  );
  assert.equal(table.services[0]?.destinations[0]?.weight, 7);
});

test('check tells what of VRRP and synchronisation is not done, with its place', async () => {
  await using running = await Running.start(false);
  const file = running.directory.write(
    'vrrp.yaml',
    `engine: relay
vrrp:
  instances:
    - { name: VI_1, interface: eth0, id: 51, addresses: [192.0.2.50/24], accept: false }
sync: [{ follow: VI_1, interface: eth0 }]
services: [{ service: tcp 192.0.2.50:80 }]
`,
  );
  const { code, stderr } = await running.run('check', file);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /vrrp\.yaml:5:\d+: sync\[0\]: the relay engine cannot do this: connection synchronisation/,
  );
  assert.match(
    stderr,
    /vrrp\.yaml:4:\d+: vrrp\.instances\[0\]\.accept: false would cut off the services on 192\.0\.2\.50, which/,
  );
});
