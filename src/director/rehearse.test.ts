import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../config/config-problem.ts';
import { parseConfig } from '../config/load-config.ts';
import { loadEngine, type RunnableEngine } from './engine-registry.ts';
import { rehearse } from './rehearse.ts';

async function problemsOf(text: string, engine: RunnableEngine = 'memory'): Promise<string[]> {
  const problems = await rehearse(parseConfig(text, 'f'), await loadEngine(engine));
  return problems.map(formatProblem);
}

const GOOD = `services:
  - service: tcp 127.0.0.1:80
    destinations: [{ address: 127.0.0.1:81 }, { address: 127.0.0.1:82 }]
  - service: udp [::1]:80
    destinations: [{ address: "[::1]:81" }]
`;

test('what runs anywhere is refused nowhere', async () => {
  assert.deepEqual(await problemsOf(GOOD, 'memory'), []);
  assert.deepEqual(await problemsOf(GOOD, 'relay'), []);
});

test('a mistyped scheduler is told with the one that is meant, one that resembles none with all', async () => {
  const [meant, unknown, ...others] = await problemsOf(
    GOOD.replace('    destinations', '    scheduler: wcl\n    destinations') +
      '  - service: fwmark 3\n    scheduler: fastest\n',
  );
  assert.equal(meant, 'f:3:16: services[0].scheduler: wcl is not a scheduler; did you mean wlc?');
  assert.match(
    unknown ?? '',
    /^f:8:16: services\[2\]\.scheduler: fastest is not a scheduler; there are rr, wrr, /,
  );
  assert.deepEqual(others, []);
});

test('an unknown persistence engine is told at its place', async () => {
  const [problem, ...others] = await problemsOf(
    'services:\n  - service: fwmark 3\n    persistence: { engine: sop }\n',
  );
  assert.match(problem ?? '', /^f:3:28: services\[0\]\.persistence\.engine: .*'sop'/);
  assert.deepEqual(others, []);
});

test('an address that cannot be a destination is told at its place, though others are added before it', async () => {
  const text = GOOD.replace('address: 127.0.0.1:82', 'address: 224.0.0.1:82').replace(
    '[::1]:81',
    '[ff02::1]:81',
  );
  const problems = await problemsOf(text);
  assert.deepEqual(
    problems.map((problem) => problem.split(': ', 2).join(' ')),
    ['f:3:58 services[0].destinations[1].address', 'f:5:31 services[1].destinations[0].address'],
  );
});

test('what the relay cannot do is told at the field that asks for it, everything at once', async () => {
  const text = `services:
  - service: fwmark 3
  - service: sctp 127.0.0.1:80
  - service: tcp 127.0.0.1:0
    persistence: true
  - service: tcp 127.0.0.1:80
    persistence: { engine: sip }
  - service: udp 127.0.0.1:80
    destinations:
      - { address: 127.0.0.1:80, method: direct }
      - { address: 127.0.0.2:0 }
`;
  assert.deepEqual(await problemsOf(text, 'memory'), []);
  const problems = await problemsOf(text, 'relay');
  assert.deepEqual(
    problems.map((problem) => problem.split(': ', 2).join(' ')),
    [
      'f:2:14 services[0].service',
      'f:3:14 services[1].service',
      'f:4:14 services[2].service',
      'f:7:28 services[3].persistence.engine',
      'f:10:42 services[4].destinations[0].method',
      'f:11:20 services[4].destinations[1].address',
    ],
  );
  for (const problem of problems) assert.match(problem, /relay/);
});
