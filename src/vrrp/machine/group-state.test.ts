import assert from 'node:assert/strict';
import { it } from 'node:test';
import { groupState } from './group-state.ts';

it('is that of all members, or the fault of one', () => {
  assert.equal(groupState(['master', 'master']), 'master');
  assert.equal(groupState(['backup', 'backup']), 'backup');
  assert.equal(groupState(['backup', 'fault']), 'fault');
  assert.equal(groupState(['backup', 'master']), undefined);
  assert.equal(groupState(['initialize']), 'initialize');
});
