import assert from 'node:assert/strict';
import { TOTAL_CONNECTIONS_ADDED, TOTAL_CONNECTIONS_REMOVED } from '../../../src/engines/ebpf/layout.gen.ts';
import type { Lab } from './lab.ts';

/** More than any connection lives; templates with connections get a minute more. */
const LONG = 1_000_000;

/** Lets everything expire, then throws where something is left: an entry, a reply entry, a count of a destination. */
export function drain(lab: Lab): void {
  lab.expire(LONG);
  lab.expire(LONG);
  assert.deepEqual(lab.connections(), []);
  assert.deepEqual(lab.replies(), []);
  assert.equal(lab.total(TOTAL_CONNECTIONS_ADDED), lab.total(TOTAL_CONNECTIONS_REMOVED));
  for (const { slot, key } of lab.maps.destinations) {
    const { active, inactive, persistent } = lab.liveOf(slot);
    assert.deepEqual([active, inactive, persistent], [0, 0, 0], `${key} of the emptied table`);
  }
}
