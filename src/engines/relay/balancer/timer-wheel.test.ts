import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TimerWheel } from './timer-wheel.ts';

describe('timer wheel', () => {
  test('calls a slot in its second, not before', () => {
    const wheel = new TimerWheel(100);
    wheel.schedule(7, 103);
    assert.deepEqual(dueUntil(wheel, 102.9), []);
    assert.deepEqual(dueUntil(wheel, 103), [7]);
    assert.deepEqual(dueUntil(wheel, 5000), []);
  });

  test('rounds fractions of seconds up', () => {
    const wheel = new TimerWheel(100.9);
    wheel.schedule(1, 101.2);
    assert.deepEqual(dueUntil(wheel, 101.9), []);
    assert.deepEqual(dueUntil(wheel, 102), [1]);
  });

  test('takes what is past in the next second', () => {
    const wheel = new TimerWheel(100);
    wheel.schedule(1, 50);
    assert.deepEqual(dueUntil(wheel, 101), [1]);
  });

  test('lets a slot be scheduled again from within its call', () => {
    const wheel = new TimerWheel(0);
    wheel.schedule(1, 1);
    const seconds: number[] = [];
    for (let now = 1; now <= 10; now++) {
      wheel.advance(now, () => {
        seconds.push(now);
        return now < 7 ? now + 3 : undefined;
      });
    }
    assert.deepEqual(seconds, [1, 4, 7]);
  });

  test('forgets slots that are cancelled, also from within a call of the same second', () => {
    const wheel = new TimerWheel(0);
    for (const slot of [1, 2, 3]) wheel.schedule(slot, 5);
    wheel.cancel(2);
    const called: number[] = [];
    wheel.advance(5, (slot) => {
      called.push(slot);
      wheel.cancel(1);
      wheel.cancel(3);
      return undefined;
    });
    assert.equal(called.length, 1);
    assert.deepEqual(dueUntil(wheel, 6), []);
  });

  test('survives a sleep of more than a turn', () => {
    const wheel = new TimerWheel(0);
    for (let slot = 0; slot < 3000; slot++) wheel.schedule(slot, slot);
    const due = dueUntil(wheel, 10_000);
    assert.equal(new Set(due).size, 3000);
  });

  test('behaves like a plain map of times', () => {
    const slot = fc.integer({ min: 0, max: 40 }).map((n) => n * 97);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('schedule' as const), slot, delay: fc.double(DELAYS) }),
      fc.record({ kind: fc.constant('cancel' as const), slot }),
      fc.record({ kind: fc.constant('advance' as const), seconds: fc.double(SECONDS) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 1000.5;
        const wheel = new TimerWheel(now);
        const model = new Map<number, number>();
        for (const action of steps) {
          switch (action.kind) {
            case 'schedule':
              // A slot is looked at in the second after this one at the earliest.
              model.set(action.slot, Math.max(Math.ceil(now + action.delay), Math.floor(now) + 1));
              wheel.schedule(action.slot, now + action.delay);
              break;
            case 'cancel':
              model.delete(action.slot);
              wheel.cancel(action.slot);
              break;
            case 'advance':
              now += action.seconds;
              advanceBoth(wheel, model, now);
              break;
            default:
              action satisfies never;
          }
        }
        advanceBoth(wheel, model, now + 5000);
        assert.equal(model.size, 0);
      }),
      { numRuns: 500 },
    );
  });
});

const DELAYS = { min: 0, max: 3000, noNaN: true };
const SECONDS = { min: 0, max: 1500, noNaN: true };

/** The slots that are called up to a second; none is scheduled again. */
function dueUntil(wheel: TimerWheel, now: number): number[] {
  const due: number[] = [];
  wheel.advance(now, (slot) => void due.push(slot));
  return due;
}

/** Advances the wheel as its owner does, passing over what is not due yet, and compares with the model. */
function advanceBoth(wheel: TimerWheel, model: Map<number, number>, now: number): void {
  const expired: number[] = [];
  wheel.advance(now, (slot) => {
    const second = model.get(slot);
    assert.notEqual(second, undefined, `slot ${slot} has no timer`);
    if (second !== undefined && second > now) return second;
    expired.push(slot);
    return undefined;
  });
  const expected = [...model].filter(([, second]) => second <= now).map(([slot]) => slot);
  assert.deepEqual(expired.sort(byNumber), expected.sort(byNumber));
  for (const slot of expected) model.delete(slot);
}

function byNumber(one: number, other: number): number {
  return one - other;
}
