import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Weight } from '../model/unit.ts';
import { nextSlowStartStep, slowStartWeight } from './slow-start.ts';

const weights = fc.integer({ min: 0, max: 2 ** 31 - 1 }).map((weight) => weight as Weight);
const durations = fc.integer({ min: 1, max: 300_000 });

describe('slow start', () => {
  it('rises in steps that are a second apart at least, and reaches the weight in time', () => {
    fc.assert(
      fc.property(weights, durations, (weight, duration) => {
        let elapsed = 0;
        let last = slowStartWeight(weight, 0, duration);
        assert.equal(last, Math.min(weight, 1));
        for (let steps = 0; ; steps++) {
          assert.ok(steps <= duration / 1000 + 1);
          const next = nextSlowStartStep(weight, elapsed, duration);
          if (next === undefined) break;
          assert.ok(next > elapsed && (next % 1000 === 0 || next === duration));
          assert.equal(slowStartWeight(weight, next - 1, duration), last, 'nothing changes before the step');
          const risen = slowStartWeight(weight, next, duration);
          assert.ok(risen > last, 'each step changes the weight');
          [elapsed, last] = [next, risen];
        }
        assert.equal(last, weight);
      }),
    );
  });

  it('never exceeds a line', () => {
    fc.assert(
      fc.property(weights, durations, fc.nat(300_000), (weight, duration, elapsed) => {
        const risen = slowStartWeight(weight, elapsed, duration);
        assert.ok(risen <= weight);
        if (elapsed < duration && weight > 1) assert.ok(risen <= 1 + ((weight - 1) * elapsed) / duration);
      }),
    );
  });
});
