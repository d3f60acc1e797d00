import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { sameData } from './same-data.ts';

const leaves = [
  fc.integer({ min: 0, max: 2 }),
  fc.constantFrom('a', 'b', null, Number.NaN, true),
  fc.constantFrom(/a/, /a/i, /b/),
  fc.uint8Array({ maxLength: 2, max: 1 }),
];
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    ...leaves,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('x', 'y'), tie('value'), { noNullPrototype: true }),
    fc.array(fc.tuple(fc.constantFrom('x', 'y'), tie('value'))).map((entries) => new Map(entries)),
  ),
}));

it('finds the same as node:util does', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      assert.equal(sameData(one, other), isDeepStrictEqual(one, other));
      assert.ok(sameData(one, structuredClone(one)));
    }),
    { numRuns: 2000 },
  );
});

it('takes what is undefined as absent', () => {
  assert.ok(sameData({ x: 1, y: undefined }, { x: 1 }));
  assert.ok(sameData({ x: 1 }, { x: 1, y: undefined }));
  assert.ok(!sameData({ x: 1 }, { x: 1, y: 2 }));
});
