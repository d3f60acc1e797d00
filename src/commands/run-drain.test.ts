// biome-ignore-all lint/suspicious/noThenProperty: drains, which nobody awaits
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrainRequest, DrainStatus } from '../api/operated-director.ts';
import type { DestinationKey } from '../model/destination.ts';
import type { ServiceKey } from '../model/service.ts';
import { RewrittenLines } from './drain-display.ts';
import { formatDrains, formatSeconds } from './format-drains.ts';
import { listDrains, runDrain } from './run-drain.ts';
import { watchDrains } from './watch-drains.ts';

const STARTED = '2026-01-02T03:04:05.000Z';
const NOW = Date.parse(STARTED);

function drainOf(changes: Partial<DrainStatus> = {}): DrainStatus {
  return {
    service: 'tcp 192.0.2.10:80' as ServiceKey,
    destination: '10.0.0.11:80' as DestinationKey,
    state: 'draining',
    then: 'leave',
    startedAt: STARTED,
    connectionsAtStart: 5,
    activeConnections: 3,
    inactiveConnections: 2,
    persistentConnections: 0,
    ...changes,
  };
}

const OTHER = '10.0.0.12:80' as DestinationKey;
const REQUEST = { address: '10.0.0.11', then: 'leave' } as DrainRequest;

/** Runs a drain over a director that shows `looks`, one after the other; `interruptAt` is the look before which Ctrl-C comes. */
async function run(
  looks: readonly (readonly DrainStatus[])[],
  { json, wait = true, interruptAt }: { json?: true; wait?: boolean; interruptAt?: number } = {},
) {
  const output = { stdout: '', stderr: '', code: -1 };
  let look = 0;
  output.code = await runDrain(
    { drain: async () => looks[0] ?? [], drains: async () => looks[look] ?? [] },
    REQUEST,
    { wait, ...(json && { json }) },
    {
      stdout: (text) => {
        output.stdout += text;
      },
      stderr: (text) => {
        output.stderr += text;
      },
    },
    (started, client, display, signal) =>
      watchDrains(started, client, display, signal, async () => {
        look += 1;
        return look !== interruptAt;
      }),
  );
  return output;
}

test('a drain is watched until no connection is left; a line tells what changed', async () => {
  const quiet = drainOf({
    destination: OTHER,
    connectionsAtStart: 0,
    activeConnections: 0,
    inactiveConnections: 0,
  });
  const done = { ...quiet, state: 'drained' } as const;
  assert.deepEqual(
    await run([
      [drainOf(), quiet],
      [drainOf({ activeConnections: 1 }), done],
      [drainOf({ activeConnections: 1 }), done],
      [drainOf({ state: 'drained', activeConnections: 0, inactiveConnections: 0 }), done],
    ]),
    {
      code: 0,
      stderr: '',
      stdout: `tcp 192.0.2.10:80 -> 10.0.0.11:80: draining, active 3, inactive 2, at the start 5
tcp 192.0.2.10:80 -> 10.0.0.12:80: draining, active 0, inactive 0, at the start 0
tcp 192.0.2.10:80 -> 10.0.0.11:80: draining, active 1, inactive 2, at the start 5
tcp 192.0.2.10:80 -> 10.0.0.12:80: drained, no connection is left; it stays with weight 0
tcp 192.0.2.10:80 -> 10.0.0.11:80: drained, no connection is left; it stays with weight 0
`,
    },
  );
});

test('a deadline that is over first has an exit code of its own', async () => {
  const { code, stdout } = await run([[drainOf()], [drainOf({ state: 'expired', then: 'remove' })]]);
  assert.equal(code, 3);
  assert.match(stdout, /the deadline was over before it had drained; it is removed\n$/);
});

test('Ctrl-C ends the watching, and the drain goes on', async () => {
  const { code, stderr } = await run([[drainOf()], [drainOf()]], { interruptAt: 2 });
  assert.equal(code, 1);
  assert.match(stderr, /The drain goes on in the director\..*vipr restore/);
});

test('a drain that somebody restores is not drained', async () => {
  const { code, stderr } = await run([[drainOf()], []]);
  assert.equal(code, 1);
  assert.equal(stderr, 'tcp 192.0.2.10:80 -> 10.0.0.11:80: somebody restored it\n');
});

test('--no-wait returns at once; --json prints one object at the end', async () => {
  const started = await run([[drainOf()]], { wait: false });
  assert.deepEqual([started.code, started.stdout.split('\n').length], [0, 2]);
  const { stdout } = await run([[drainOf()], [drainOf({ state: 'drained' })]], { json: true });
  assert.deepEqual(JSON.parse(stdout), { drains: [drainOf({ state: 'drained' })] });
});

test('drains are listed in columns', async () => {
  const drains = [
    drainOf({ deadlineAt: new Date(NOW + 290_000).toISOString() }),
    drainOf({ destination: OTHER, state: 'drained', then: 'remove' }),
  ];
  assert.equal(
    formatDrains(drains, NOW),
    `service            destination   state     active  inactive  at start  deadline       then
tcp 192.0.2.10:80  10.0.0.11:80  draining       3         2         5  in 4 min 50 s  leave
tcp 192.0.2.10:80  10.0.0.12:80  drained        3         2         5  none           remove
`,
  );
  let text = '';
  const stdout = (piece: string) => {
    text += piece;
  };
  assert.equal(await listDrains({ drains: async () => [] }, {}, { stdout }), 0);
  assert.equal(text, 'no drains\n');
});

test('on a terminal lines are written over, and fit', () => {
  let text = '';
  const display = new RewrittenLines(
    (piece) => {
      text += piece;
    },
    () => 40,
    () => NOW,
  );
  const deadlineAt = new Date(NOW + 5000).toISOString();
  display.show([drainOf({ deadlineAt }), drainOf({ destination: OTHER })]);
  display.show([drainOf({ state: 'drained' })]);
  const [first = '', second = ''] = text.split('\u001b[2A');
  assert.equal(first.split('\n').length, 3);
  for (const line of [...first.split('\n'), ...second.split('\n')]) {
    assert.ok(line.replace(/^\r/, '').replace('\u001b[K', '').length <= 39, line);
  }
});

test('times are told by their two largest units', () => {
  assert.deepEqual([-3, 0.2, 59, 60, 3600, 3_725, 200_000].map(formatSeconds), [
    '0 s',
    '1 s',
    '59 s',
    '1 min 0 s',
    '1 h 0 min',
    '1 h 2 min',
    '2 d 7 h',
  ]);
});
