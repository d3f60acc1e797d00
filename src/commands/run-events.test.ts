import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectorEvent } from '../api/operated-director.ts';
import { formatEvent, showEvents } from './run-events.ts';

const EVENT: DirectorEvent = {
  id: 12,
  time: new Date(2026, 0, 2, 3, 4, 5).toISOString(),
  kind: 'destination',
  text: 'tcp 192.0.2.10:80 -> 10.0.0.11:80 is down: connection refused',
  state: 'down',
};

async function* happening(): AsyncIterable<DirectorEvent> {
  yield EVENT;
  yield { ...EVENT, id: 13 };
  // Ctrl-C comes while nothing happens.
  process.emit('SIGINT');
  await new Promise(() => undefined);
}

async function show(request: { readonly follow?: true; readonly json?: true }): Promise<string> {
  let text = '';
  const asked: number[] = [];
  await showEvents(
    {
      events: async (after = 0) => {
        asked.push(after);
        return [EVENT];
      },
      followEvents: (after = 0) => {
        asked.push(after);
        return happening();
      },
    },
    { after: 11, ...request },
    {
      env: {},
      stdout: (piece) => {
        text += piece;
      },
    },
  );
  assert.deepEqual(asked, [11]);
  return text;
}

test('events are lines', async () => {
  assert.equal(
    await show({}),
    '  12  2026-01-02 03:04:05  destination   tcp 192.0.2.10:80 -> 10.0.0.11:80 is down: connection refused\n',
  );
});

test('or JSON, an object a line', async () => {
  assert.deepEqual(JSON.parse(await show({ json: true })), EVENT);
});

test('those that happen are shown until Ctrl-C', async () => {
  const before = process.listenerCount('SIGINT');
  assert.equal((await show({ follow: true })).split('\n').length, 3);
  assert.equal(process.listenerCount('SIGINT'), before);
});

test('who asked for it is told; states have colours where they are wanted', () => {
  assert.match(
    formatEvent({ ...EVENT, actor: 'pid 812 (ipvsadm), uid 0' }, false),
    / \(pid 812 \(ipvsadm\), uid 0\)\n$/,
  );
  assert.equal(formatEvent(EVENT, true), `\u001b[31m${formatEvent(EVENT, false).trimEnd()}\u001b[0m\n`);
  assert.ok(formatEvent({ ...EVENT, state: 'up' }, true).startsWith('\u001b[32m'));
});
