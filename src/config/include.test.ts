import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { serviceKey } from '../model/service.ts';
import type { Config } from './config.ts';
import { ConfigInvalidError, formatProblem } from './config-problem.ts';
import { loadConfig } from './load-config.ts';

/** What `main.yaml` among these files says, or the problems, with names relative to where the files are. */
async function load(
  files: Readonly<Record<string, string>>,
): Promise<{ config?: Config; problems: string[]; at: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-include-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      if (text.startsWith('->')) symlinkSync(text.slice(2), join(directory, name));
      else writeFileSync(join(directory, name), text);
    }
    return { config: await loadConfig(join(directory, 'main.yaml')), problems: [], at: directory };
  } catch (error) {
    assert.ok(error instanceof ConfigInvalidError, String(error));
    const problems = error.message.replaceAll(`${directory}/`, '').split('\n');
    return { problems, at: directory };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const one = (address: string, more = '') => `services: [{ service: tcp ${address}:80${more} }]\n`;

test('files are added to one another, in the order in which they are named', async () => {
  const { config, problems, at } = await load({
    'main.yaml': `include: [z.yaml, "parts/*.yaml"]\ntimeouts: { tcp: 60 }\n${one('127.0.0.1')}`,
    'z.yaml': `${one('127.0.0.2', ', group: web, checks: [up]')}timeouts: { udp: 5 }\n`,
    'parts/b.yaml': 'checks: { up: { type: ping } }\n',
    'parts/a.yaml': `include: ../deep.yaml\n${one('127.0.0.3')}groups: { web: [{ address: 10.0.0.1:80 }] }\n`,
    'deep.yaml': one('127.0.0.4'),
  });
  assert.deepEqual(problems, []);
  assert.ok(config !== undefined);
  assert.deepEqual(
    config.table.services.map(({ id }) => serviceKey(id)),
    ['tcp 127.0.0.1:80', 'tcp 127.0.0.2:80', 'tcp 127.0.0.3:80', 'tcp 127.0.0.4:80'],
  );
  assert.deepEqual(config.table.timeouts, { tcp: 60, tcpfin: 0, udp: 5 });
  assert.equal(config.monitoring.size, 1);
  const placeOf = (...path: readonly (string | number)[]) =>
    formatProblem(config.source.problem(path, 'x')).replaceAll(`${at}/`, '');
  assert.equal(placeOf('services', 1, 'scheduler'), 'z.yaml:1:12: services[0].scheduler: x');
  assert.equal(placeOf('services', 3, 'service'), 'deep.yaml:1:23: services[0].service: x');
  assert.equal(
    placeOf('services', 1, 'destinations', 0, 'method'),
    'parts/a.yaml:3:17: groups.web[0].method: x',
  );
});

test('a pattern may fit nothing, and the file that it stands in', async () => {
  const { config, problems } = await load({
    'main.yaml': 'include: ["none/*.yaml", "*.yaml"]\n',
    'other.yaml': one('127.0.0.2'),
  });
  assert.deepEqual(problems, []);
  assert.equal(config?.table.services.length, 1);
});

const cases: readonly (readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  ...problems: string[],
])[] = [
  [
    'a file that is missing',
    { 'main.yaml': 'include: gone.yaml' },
    "main.yaml:1:10: include: gone.yaml cannot be read: ENOENT: no such file or directory, stat 'gone.yaml'",
  ],
  ['a folder', { 'main.yaml': 'include: [a]', 'a/b': '' }, 'main.yaml:1:11: include[0]: a is not a file'],
  [
    'a file that includes itself by way of others',
    { 'main.yaml': 'include: a.yaml', 'a.yaml': 'include: b.yaml', 'b.yaml': '\ninclude: main.yaml' },
    'b.yaml:2:10: include: main.yaml includes itself, by way of b.yaml',
  ],
  [
    'a file that is included twice, once by another name',
    { 'main.yaml': 'include: [a.yaml, b.yaml]', 'a.yaml': '', 'b.yaml': '->a.yaml' },
    'main.yaml:1:19: include[1]: b.yaml is already included by main.yaml',
  ],
  [
    'mistakes in several files, file by file',
    { 'main.yaml': 'include: a.yaml\nengin: relay', 'a.yaml': 'servces: []\nengine: relay' },
    'main.yaml:2:1: engin: is not a key here; did you mean engine?',
    'a.yaml:1:1: servces: is not a key here; did you mean services?',
    'a.yaml:2:1: engine: belongs into the main file; a file that it includes has include, timeouts, checks, groups, services',
  ],
  [
    'mistakes of syntax in several files',
    { 'main.yaml': 'include: [a.yaml, b.yaml]', 'a.yaml': 'a: 1\na: 2', 'b.yaml': '"' },
    'a.yaml:2:1: Map keys must be unique',
    'b.yaml:1:2: Missing closing "quote',
  ],
  [
    'what two files give',
    {
      'main.yaml': `include: a.yaml\ngroups: { web: [] }\n${one('127.0.0.1')}timeouts: { tcp: 1 }`,
      'a.yaml': `groups: { web: [] }\n${one('127.0.0.1')}timeouts: { tcp: 2 }`,
    },
    'a.yaml:1:11: groups.web: is already given in main.yaml, line 2',
    'a.yaml:2:23: services[0].service: tcp 127.0.0.1:80 is already given in main.yaml, line 3',
    'a.yaml:3:13: timeouts.tcp: is already given in main.yaml, line 4',
  ],
  [
    'a rule that is broken in an included file',
    {
      'main.yaml': `include: a.yaml\n${one('127.0.0.1')}`,
      'a.yaml': `\n${one('127.0.0.2', ', hysteresis: 1')}`,
    },
    'a.yaml:2:53: services[0].hysteresis: must be below the quorum, 1, not 1',
  ],
  [
    'no names at all',
    { 'main.yaml': 'include: 3' },
    'main.yaml:1:10: include: must be the name of a file, or a pattern, not 3',
  ],
];

for (const [what, files, ...expected] of cases) {
  test(`${what} is told with file and place`, async () => {
    assert.deepEqual((await load(files)).problems, expected);
  });
}
