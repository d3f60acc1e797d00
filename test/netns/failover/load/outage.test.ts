import assert from 'node:assert/strict';
import { it } from 'node:test';
import { outageOf } from './outage.ts';
import type { Attempt } from './probe.ts';

const answered = (ended: number, target = 'one'): Attempt => ({ target, began: ended - 1, ended });
const failed = (ended: number): Attempt => ({ target: 'one', began: ended - 1, ended, failure: 'timeout' });

it('an outage is the longest time without an answer', () => {
  const attempts = [
    answered(90),
    answered(110),
    failed(300),
    answered(700, 'other'),
    answered(510),
    answered(520),
  ];
  assert.deepEqual(outageOf(attempts, 'one', 100), { milliseconds: 400, failed: 1 });
});

it('an outage may be there at the beginning, or last until the end', () => {
  assert.deepEqual(outageOf([failed(120), answered(300)], 'one', 100), { milliseconds: 200, failed: 1 });
  assert.deepEqual(outageOf([answered(110), failed(900)], 'one', 100), { milliseconds: 790, failed: 1 });
});

it('an outage without end is told', () => {
  assert.deepEqual(outageOf([answered(90), failed(120)], 'one', 100), {
    milliseconds: Number.POSITIVE_INFINITY,
    failed: 1,
  });
});
