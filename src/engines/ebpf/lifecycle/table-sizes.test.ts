import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSizes } from './table-sizes.ts';

test('small machines get smaller tables of connections, none fewer than 16384', () => {
  const gibibyte = 2 ** 30;
  assert.deepEqual(
    [0.1, 0.5, 1, 4, 8, 64].map((size) => defaultSizes(size * gibibyte).connections),
    [16_384, 65_536, 131_072, 524_288, 1_048_576, 1_048_576],
  );
  assert.equal(defaultSizes(gibibyte).services, 65_536);
});
