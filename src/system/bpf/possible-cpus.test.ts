import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countCpus, possibleCpus } from './possible-cpus.ts';

test('counts processors in lists of ranges', () => {
  for (const [list, count] of [
    ['0\n', 1],
    ['0-1\n', 2],
    ['0-3,8,10-11\n', 7],
    ['0-127', 128],
  ] as const)
    assert.equal(countCpus(list), count, list);
  assert.ok(possibleCpus() >= 1);
});
