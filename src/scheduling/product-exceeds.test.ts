import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { productExceeds } from './product-exceeds.ts';

const overhead = fc.integer({ min: 0, max: 2 ** 40 });
const weight = fc.integer({ min: 0, max: 2 ** 31 - 1 });

test('compares products exactly, also beyond 2^53', () => {
  fc.assert(
    fc.property(overhead, weight, overhead, weight, (a, b, c, d) => {
      assert.equal(productExceeds(a, b, c, d), BigInt(a) * BigInt(b) > BigInt(c) * BigInt(d));
    }),
  );
});

test('tells products apart that are equal after rounding', () => {
  // 94906267² is one more than the product of its neighbours, and odd above 2^53.
  const root = 94906267;
  assert.equal(root * root, (root - 1) * (root + 1), 'rounding makes them equal');
  assert.equal(productExceeds(root, root, root - 1, root + 1), true);
  assert.equal(productExceeds(root - 1, root + 1, root, root), false);
  assert.equal(productExceeds(root, root, root, root), false);
});
