import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const known = ['address', 'method', 'weight', 'upper-threshold', 'lower-threshold', 'proxy-protocol'];

for (const [typed, meant] of [
  ['wieght', 'weight'],
  ['wait', undefined],
  ['adress', 'address'],
  ['upperThreshold', 'upper-threshold'],
  ['UPPER_THRESHOLD', 'upper-threshold'],
  ['lower-treshold', 'lower-threshold'],
  ['proxyprotocol', 'proxy-protocol'],
  ['port', undefined],
  ['', undefined],
  ['x'.repeat(100_000), undefined],
] as const) {
  test(`${JSON.stringify(typed.slice(0, 20))} is meant as ${meant}`, () => {
    assert.equal(nearest(typed, known), meant);
  });
}
