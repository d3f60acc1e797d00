import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDecimal, parseDecimalPrefix } from './decimal.ts';

test('whole numbers within bounds, with blanks and a sign before them', () => {
  for (const text of ['7', '+7', ' 7', '\t007']) assert.equal(parseDecimal(text, 0, 9), 7, text);
  for (const text of ['', '-1', '10', '7 ', '0x7', '7.0', '7e0', 'seven', '99999999999999999999']) {
    assert.equal(parseDecimal(text, 0, 9), undefined, text);
  }
  assert.ok(Object.is(parseDecimal('-0', 0, 9), 0));
});

test('numbers at the beginning of a text, cut to 32 bits as atoi cuts them', () => {
  const cases = {
    '64abc': 64,
    ' 64': 64,
    '-64': -64,
    abc: 0,
    '': 0,
    '4294967360': 64,
    '99999999999999999999': -1,
  };
  for (const [text, number] of Object.entries(cases)) assert.equal(parseDecimalPrefix(text), number, text);
});
