import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { VirtualClock } from './testing/virtual-clock.ts';
import { type QueuedTimer, TimerQueue } from './timer-queue.ts';

describe('the timer queue', () => {
  it('calls back in the order of time, what was not called off, on one timer', async () => {
    const command = fc.record({
      wait: fc.integer({ min: 0, max: 50 }),
      cancel: fc.option(fc.nat(30), { nil: undefined }),
      advance: fc.integer({ min: 0, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        const clock = new VirtualClock();
        const queue = new TimerQueue(clock.now, clock);
        const timers: QueuedTimer[] = [];
        const wanted = new Map<number, number>();
        const called: number[] = [];
        for (const [number, { wait, cancel, advance }] of commands.entries()) {
          wanted.set(number, clock.time + wait);
          timers.push(
            queue.at(clock.time + wait, () => {
              assert.ok(clock.time >= (wanted.get(number) ?? 0));
              called.push(number);
            }),
          );
          if (cancel !== undefined && cancel < timers.length && !called.includes(cancel)) {
            queue.cancel(timers[cancel]);
            wanted.delete(cancel);
          }
          assert.ok(clock.waiting <= 1);
          await clock.advance(advance);
        }
        await clock.advance(100);
        assert.deepEqual(called.toSorted(), [...wanted.keys()].toSorted());
        const times = called.map((number) => wanted.get(number) ?? 0);
        assert.ok(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0)));
        assert.deepEqual([queue.size, clock.waiting], [0, 0]);
      }),
      { numRuns: 500 },
    );
  });

  it('does not call back what another callback of the same moment called off', async () => {
    const clock = new VirtualClock();
    const queue = new TimerQueue(clock.now, clock);
    const called: string[] = [];
    const timers = ['one', 'two'].map((name) =>
      queue.at(1010, () => {
        called.push(name);
        for (const timer of timers) queue.cancel(timer);
      }),
    );
    await clock.advance(20);
    assert.equal(called.length, 1);
  });

  it('lets what a callback adds wait for the next turn', async () => {
    const clock = new VirtualClock();
    const queue = new TimerQueue(clock.now, clock);
    const called: string[] = [];
    queue.at(1000, () => {
      queue.at(1000, () => called.push('inner'));
      called.push('outer');
    });
    assert.deepEqual(called, []);
    await clock.advance(0);
    assert.deepEqual(called, ['outer', 'inner']);
  });

  it('calls back at the time on the system, too', async () => {
    const now = (): number => performance.now();
    const queue = new TimerQueue(now, {
      after: (milliseconds, callback) => {
        const timer = setTimeout(callback, milliseconds);
        return () => clearTimeout(timer);
      },
    });
    const at = now() + 5.5;
    const { promise, resolve } = Promise.withResolvers<number>();
    queue.at(at, () => resolve(now()));
    assert.ok((await promise) >= at);
  });
});
