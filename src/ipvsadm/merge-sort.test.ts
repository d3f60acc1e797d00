import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeSort } from './merge-sort.ts';

test('sorts as Array.sort does where the order is one, keeping equals in their order', () => {
  const pairs = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat()));
  fc.assert(
    fc.property(pairs, (items) => {
      const compare = ([one]: readonly [number, number], [other]: readonly [number, number]): number =>
        one - other;
      assert.deepEqual(mergeSort(items, compare), items.toSorted(compare));
    }),
  );
});

test('merges halves, the smaller one first, where the order goes in a circle', () => {
  const beats = new Map([
    ['rock', 'scissors'],
    ['scissors', 'paper'],
    ['paper', 'rock'],
  ]);
  const compare = (one: string, other: string): number =>
    one === other ? 0 : beats.get(one) === other ? -1 : 1;
  assert.deepEqual(mergeSort(['rock', 'paper', 'scissors'], compare), ['rock', 'scissors', 'paper']);
  assert.deepEqual(mergeSort(['paper', 'scissors', 'rock'], compare), ['paper', 'rock', 'scissors']);
});
