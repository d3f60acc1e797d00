import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesWithin } from './matches-within.ts';

const find = (
  body: string | Buffer,
  pattern: RegExp,
  offsets: { minOffset?: number; maxOffset?: number } = {},
) => matchesWithin(Buffer.from(body), { pattern, absent: false, ...offsets });

test('offsets are bytes: what is skipped, and where a match may start', () => {
  assert.equal(find('abcabc', /abc/, { minOffset: 1, maxOffset: 3 }), true);
  assert.equal(find('abcabc', /abc/, { minOffset: 1, maxOffset: 2 }), false);
  assert.equal(find('abcabc', /abc/, { minOffset: 4 }), false);
  assert.equal(find('abc', /abc/, { minOffset: 99 }), false);
  assert.equal(find('ööabc', /abc/, { maxOffset: 4 }), true);
  assert.equal(find('ööabc', /abc/, { maxOffset: 3 }), false);
});

test('text is UTF-8, and Latin-1 where it cannot be that', () => {
  assert.equal(find('wörld', /^w.rld$/), true);
  assert.equal(find(Buffer.from('wörld', 'latin1'), /^wörld$/), true);
});

test('a pattern that keeps its place is looked for from the start each time', () => {
  const pattern = /a/g;
  for (let time = 0; time < 3; time++) assert.equal(find('xxa', pattern), true);
});

test('a search that would take ages is given up', () => {
  assert.throws(() => find('a'.repeat(64), /^(?:a+)+$(?<!a)b/), { message: /took more than 200 ms/ });
});
