import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ReplayWindow } from './replay-window.ts';

describe('a window of datagram numbers', () => {
  it('takes each number once, however it starts and whatever comes in between', () => {
    const start = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const steps = fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 300 });
    fc.assert(
      fc.property(start, steps, (first, offsets) => {
        const window = new ReplayWindow(first);
        const taken = new Set<number>();
        for (const offset of offsets) {
          const number = (first + offset) >>> 0;
          if (!window.take(number)) continue;
          assert.ok(offset > 0 && !taken.has(number));
          taken.add(number);
        }
      }),
    );
  });

  it('takes what comes late, up to 255 behind', () => {
    const window = new ReplayWindow(0);
    assert.ok(window.take(300));
    assert.deepEqual([window.take(44), window.take(45), window.take(45)], [false, true, false]);
  });

  it('tells what is missing once, across the end of the numbers', () => {
    const window = new ReplayWindow(2 ** 32 - 2);
    window.take(2 ** 32 - 1);
    window.take(1);
    assert.deepEqual([window.hearCount(1), window.hearCount(1), window.hearCount(3)], [1, 0, 2]);
    window.take(2);
    window.take(3);
    assert.deepEqual([window.hearCount(3), window.hearCount(4)], [0, 1]);
  });

  it('knows old news', () => {
    const window = new ReplayWindow(1000);
    assert.deepEqual([window.hearCount(744), window.hearCount(745)], [undefined, 0]);
  });

  it('forgives what a whole table has, and not what comes behind it', () => {
    const window = new ReplayWindow(0);
    for (const number of [1, 5, 6, 8]) window.take(number);
    window.forgive(6);
    assert.deepEqual([window.hearCount(8), window.hearCount(9)], [1, 1]);
    window.forgive(20);
    assert.equal(window.hearCount(20), 0);
  });
});
