import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../health/testing/virtual-clock.ts';
import type { Milliseconds } from '../../model/unit.ts';
import type { TrackScript } from '../../model/vrrp.ts';
import type { ScriptResult } from '../run-script.ts';
import { ScriptTracker } from './script-tracker.ts';

function bench(given: Partial<TrackScript>, took: () => number = () => 0) {
  const clock = new VirtualClock();
  const script: TrackScript = {
    name: 'check',
    command: { argv: ['/check'] },
    interval: 1000 as Milliseconds,
    timeout: 500 as Milliseconds,
    weight: 0,
    rise: 1,
    fall: 1,
    initFail: false,
    ...given,
  };
  const starts: number[] = [];
  const results: boolean[] = [];
  let changes = 0;
  const tracker = new ScriptTracker(script, {
    runScript: (_, { timeout }) => {
      assert.equal(timeout, 500);
      starts.push(clock.time);
      const succeeded = results.shift() ?? true;
      const { promise, resolve } = Promise.withResolvers<ScriptResult>();
      clock.after(took(), () => resolve({ succeeded, text: succeeded ? 'exited with 0' : 'exited with 1' }));
      return promise;
    },
    now: clock.now,
    timers: clock,
    onChange: () => changes++,
  });
  return { clock, tracker, results, starts, changes: () => changes };
}

describe('a tracked script', () => {
  it('is up until its first result, unless it counts as failed until then', () => {
    assert.deepEqual([bench({}).tracker.state, bench({}).tracker.isSettled], ['up', false]);
    const failed = bench({ initFail: true }).tracker;
    assert.deepEqual([failed.state, failed.isSettled], ['down', true]);
  });

  it('has the first result count at once, and later ones as often as rise and fall say', async () => {
    const { clock, tracker, results, changes } = bench({ rise: 3, fall: 2, initFail: true });
    await clock.advance(0);
    assert.deepEqual([tracker.state, tracker.detail, changes()], ['up', 'exited with 0', 1]);
    results.push(false, true, false, false, true, true, false, true, true, true);
    const states: string[] = [];
    for (let run = 0; run < 10; run++) {
      await clock.advance(1000);
      states.push(tracker.state);
    }
    assert.deepEqual(states, ['up', 'up', 'up', 'down', 'down', 'down', 'down', 'down', 'down', 'up']);
    assert.equal(changes(), 3);
    tracker.close();
  });

  it('starts every interval, and never twice at once', async () => {
    let took = 300;
    const { clock, tracker, starts } = bench({}, () => took);
    await clock.advance(2500);
    assert.deepEqual(starts, [1000, 2000, 3000]);
    took = 1700;
    await clock.advance(3000);
    assert.deepEqual(starts, [1000, 2000, 3000, 4000, 5700]);
    tracker.close();
    await clock.advance(10_000);
    assert.equal(starts.length, 5);
    assert.equal(clock.waiting, 0);
  });
});
