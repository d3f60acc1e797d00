import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Milliseconds } from '../model/unit.ts';
import { formatDuration, parseDuration } from './duration.ts';

const cases: readonly (readonly [value: string | number, milliseconds: number | undefined])[] = [
  ['500ms', 500],
  ['2s', 2000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['1.5s', 1500],
  ['0.25', 250],
  [3, 3000],
  [0.1, 100],
  [0, 0],
  ['0s', 0],
  ['596h', 2_145_600_000],
  ['597h', undefined],
  [2_147_484, undefined],
  [-1, undefined],
  [0.0001, undefined],
  ['1.5ms', undefined],
  [1e21, undefined],
  [Number.NaN, undefined],
  ['', undefined],
  ['s', undefined],
  ['2 s', undefined],
  ['2d', undefined],
  ['1m30s', undefined],
];

for (const [value, milliseconds] of cases) {
  test(`${JSON.stringify(value)} is ${milliseconds ?? 'no duration'}`, () => {
    assert.equal(parseDuration(value), milliseconds);
  });
}

test('what is written is read as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (milliseconds) => {
      assert.equal(parseDuration(formatDuration(milliseconds as Milliseconds)), milliseconds);
    }),
  );
});
