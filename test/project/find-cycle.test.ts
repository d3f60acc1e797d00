import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findCycle } from './find-cycle.ts';

const graph = (edges: Record<string, readonly string[]>) =>
  new Map(Object.entries(edges).map(([from, to]) => [from, new Set(to)]));

it('finds a circle behind an innocent start', () => {
  assert.deepEqual(findCycle(graph({ a: ['b'], b: ['c', 'd'], c: [], d: ['e'], e: ['b'] })), [
    'b',
    'd',
    'e',
    'b',
  ]);
});

it('finds none where two ways lead to the same node', () => {
  assert.equal(findCycle(graph({ a: ['b', 'c'], b: ['d'], c: ['d'] })), undefined);
});
