import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fullerFamily } from './fuller-family.ts';

test('the totals are parted as the last sweeps found them', () => {
  assert.equal(fullerFamily(1000, [0, 0]), 1000);
  assert.equal(fullerFamily(1000, [1, 1]), 1000, 'a few chunks say nothing');
  assert.equal(fullerFamily(100_000, [25, 0]), 100_000);
  assert.equal(fullerFamily(200_000, [30, 20]), 120_000);
  assert.equal(fullerFamily(200_000, [10, 40]), 160_000);
});
