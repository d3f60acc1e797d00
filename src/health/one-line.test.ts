import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, quoted } from './one-line.ts';

test('text of others becomes one line, without control characters, and short', () => {
  assert.equal(oneLine('a\r\nb\u0000\u009bc\u2028 '), 'a b c');
  assert.equal(oneLine('x'.repeat(201)), `${'x'.repeat(200)}…`);
  assert.equal(quoted('ok\u001b[1mé'), '"ok.[1m."');
  assert.equal(quoted('abcdef', 3), '"abc…"');
});
