import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learnJiffies } from './jiffies.ts';

/** A kernel of a rate whose first reading comes at some moment between two ticks. */
function kernel(hz: number, phase: number) {
  let milliseconds = 1e6 + phase;
  return {
    read: () => ({ jiffies: Math.floor((milliseconds * hz) / 1000), nanoseconds: milliseconds * 1e6 }),
    wait: async (time: number) => {
      milliseconds += time + phase;
    },
  };
}

test('the rate of jiffies is learnt from two readings, wherever between two ticks they come', async () => {
  for (const hz of [100, 250, 300, 1000]) {
    for (let phase = 0; phase < 10; phase += 0.7) {
      const { read, wait } = kernel(hz, phase);
      const clock = await learnJiffies(read, wait);
      assert.equal(clock.hz, hz);
      assert.equal(clock.now(), read().jiffies);
    }
  }
});

test('a rate that no kernel has is refused', async () => {
  const { read, wait } = kernel(600, 0);
  await assert.rejects(learnJiffies(read, wait), { code: 'ENGINE_UNAVAILABLE' });
});
