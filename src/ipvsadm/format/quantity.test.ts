import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatExact, formatScaled } from './quantity.ts';

test('numbers are scaled where they would not fit', () => {
  const cases: readonly (readonly [bigint, string])[] = [
    [0n, '        0'],
    [99_999_999n, ' 99999999'],
    [100_000_000n, '  100000K'],
    [999_999_999n, '  999999K'],
    [1_000_000_000n, '    1000M'],
    [99_999_999_999n, '   99999M'],
    [100_000_000_000n, '     100G'],
    [99_999_999_999_999n, '   99999G'],
    [100_000_000_000_000n, '     100T'],
    [2n ** 64n - 1n, '18446744T'],
  ];
  for (const [value, text] of cases) assert.equal(formatScaled(value), text);
});

test('exact numbers grow out of their column and keep the blank before them', () => {
  assert.equal(formatExact(5n), '        5');
  assert.equal(formatExact(100_000_000n), ' 100000000');
  assert.equal(formatExact(2n ** 64n - 1n), ' 18446744073709551615');
});
