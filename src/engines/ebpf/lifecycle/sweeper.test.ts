import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sweeper } from './sweeper.ts';

/** A sweeper whose clock and passes are the test's. */
function bench(entries: number, passTakes: number) {
  const state = { now: 0, entries, connections: 0, replies: 0, warnings: [] as string[], fail: false };
  const sweeper = new Sweeper({
    sweepConnections: async () => {
      if (state.fail) throw new Error('no memory');
      state.connections += 1;
      state.now += passTakes;
    },
    sweepReplies: async () => {
      state.replies += 1;
    },
    entries: () => state.entries,
    now: () => state.now,
    warn: (text) => state.warnings.push(text),
  });
  return { state, sweeper };
}

test('at most once a second, and less often where a pass takes long', async (t) => {
  for (const [takes, pause] of [
    [1, 1000],
    [100, 2000],
    [10_000, 10_000],
  ] as const) {
    const { sweeper } = bench(5, takes);
    t.after(() => sweeper.close());
    assert.equal(await sweeper.step(), pause);
  }
});

test('an empty table is left alone, but for a look every half minute; replies are swept every minute', async (t) => {
  const { state, sweeper } = bench(0, 0);
  t.after(() => sweeper.close());
  for (let second = 0; second <= 60; second++) {
    state.now = second * 1000;
    await sweeper.step();
  }
  assert.deepEqual([state.connections, state.replies], [3, 1]);
  state.entries = 1;
  await sweeper.step();
  assert.equal(state.connections, 4);
});

test('a pass that fails is told and tried again later', async (t) => {
  const { state, sweeper } = bench(1, 0);
  t.after(() => sweeper.close());
  state.fail = true;
  assert.equal(await sweeper.step(), 10_000);
  assert.deepEqual(state.warnings, ['expired connections cannot be removed: no memory']);
});
