import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { DirectorClient } from '../api/client.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { serviceKey } from '../model/service.ts';
import { runVipr } from './run-vipr.ts';
import { TestDirectory, ViprProcess } from './vipr-process.ts';

const CONFIG = `global_defs {
  router_id a
}
include services/*.conf
`;
const SERVICE = `virtual_server 192.0.2.10 80 {
  protocol TCP
  quorum_up "/bin/up 'a b'"
  real_server 10.0.0.1 80 {
    smtp_alert
    TCP_CHECK {
      delay_loop 0.5
    }
  }
}
`;

async function run(args: readonly string[]) {
  const outcome = { code: 0, stdout: '', stderr: '' };
  outcome.code = await runVipr(args, {
    env: {},
    stdout: (text) => {
      outcome.stdout += text;
    },
    stderr: (text) => {
      outcome.stderr += text;
    },
  });
  return outcome;
}

/** A directory with a keepalived.conf and what it includes. */
function written(directory: TestDirectory, service = SERVICE): string {
  directory.write('service.conf', service);
  return directory.write('keepalived.conf', CONFIG.replace('services/*', 'service*'));
}

function said({ warnings, source, ...rest }: Config): Omit<Config, 'warnings' | 'source'> {
  return rest;
}

test('convert prints a vipr.yaml that says the same, with what is not in it', async () => {
  using directory = new TestDirectory();
  const file = written(directory);
  const { code, stdout, stderr } = await run(['convert', file]);
  assert.equal(code, 0);
  const included = join(directory.path, 'service.conf');
  const warnings = [
    `${file}:2:3: warning: router_id is not done: vipr tells its host by name`,
    `${included}:5:5: warning: smtp_alert is not done: vipr sends no mail: use notify scripts or a FIFO`,
  ];
  assert.equal(stderr, `${warnings.join('\n')}\n`);
  const comments = stdout.split('\n').filter((line) => line.startsWith('#'));
  assert.deepEqual(comments, [
    '# What keepalived.conf says, written by vipr convert.',
    '# Not in it, by line of the original:',
    ...warnings.map((warning) => `#   ${warning.replace('warning: ', '')}`),
  ]);
  const converted = await loadConfig(directory.write('converted.yaml', stdout));
  assert.ok(isDeepStrictEqual(said(converted), said(await loadConfig(file))), stdout);
  assert.deepEqual(converted.warnings, []);
});

test('convert -o replaces a file, which keeps its mode', async () => {
  using directory = new TestDirectory();
  const file = written(directory);
  const target = directory.write('vipr.yaml', 'old');
  chmodSync(target, 0o640);
  const { code, stdout } = await run(['convert', '-o', target, file]);
  assert.deepEqual([code, stdout], [0, '']);
  assert.match(readFileSync(target, 'utf8'), /^# What keepalived\.conf says/);
  assert.equal(statSync(target).mode & 0o777, 0o640);
});

test('convert writes nothing where the file has errors, is not there, or the target cannot be written', async () => {
  using directory = new TestDirectory();
  const file = written(directory, SERVICE.replace('protocol', 'protocoll'));
  const target = join(directory.path, 'vipr.yaml');
  const wrong = await run(['convert', '-o', target, file]);
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /service\.conf:2:3: protocoll is not a keyword of virtual_server; did you mean protocol\?/,
  );
  assert.equal((await run(['convert', '-o', target, join(directory.path, 'none.conf')])).code, 2);
  assert.equal((await run(['convert'])).code, 2);
  const good = written(directory);
  assert.equal((await run(['convert', '-o', join(directory.path, 'none', 'vipr.yaml'), good])).code, 1);
  assert.equal(existsSync(target), false);
});

test('check tells what a keepalived.conf says and vipr does not do, and what an engine refuses, with its line', async () => {
  using directory = new TestDirectory();
  const file = written(directory);
  const good = await run(['check', '--engine', 'memory', file]);
  assert.equal(good.code, 0);
  assert.match(good.stdout, /: good for engine memory: services 1, destinations 1$/m);
  assert.match(good.stderr, /keepalived\.conf:2:3: warning: router_id is not done/);
  written(
    directory,
    SERVICE.replace('real_server 10.0.0.1 80 {', 'real_server 10.0.0.1 80 {\n    lvs_method DR'),
  );
  const refused = await run(['check', '--engine', 'relay', file]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /service\.conf:5:5: .*direct/);
});

test('a director runs with a keepalived.conf, and plan and apply take one', async () => {
  using directory = new TestDirectory();
  const file = written(directory);
  const socket = ['--socket', directory.socket];
  await using vipr = new ViprProcess(['up', '--engine', 'memory', ...socket, '--config', file]);
  await vipr.logs('control socket');
  assert.match(vipr.stderr, /keepalived\.conf:2:3: router_id is not done/);
  const plan = await run(['plan', ...socket, file]);
  assert.deepEqual([plan.code, plan.stderr.includes('warning: router_id')], [0, true]);
  written(directory, SERVICE.replace('192.0.2.10', '192.0.2.11'));
  assert.equal((await run(['plan', ...socket, file])).code, 2);
  assert.equal((await run(['apply', ...socket, file])).code, 0);
  const client = new DirectorClient(directory.socket);
  const { services } = await client.snapshot();
  await client.close();
  assert.deepEqual(
    services.map(({ id }) => serviceKey(id)),
    ['tcp 192.0.2.11:80'],
  );
});
