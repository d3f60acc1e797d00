import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { followGroup } from './sync-group.ts';

const SOUND = [false, false, false];

describe('followGroup', () => {
  it('has all be master with one', () => {
    assert.deepEqual(followGroup(['master', 'backup', 'backup'], SOUND, { index: 0, state: 'master' }), [
      { index: 1, event: { kind: 'become-master' } },
      { index: 2, event: { kind: 'become-master' } },
    ]);
    assert.deepEqual(
      followGroup(['master', 'master', 'initialize'], SOUND, { index: 0, state: 'master' }),
      [],
    );
  });

  it('has all be backup with one', () => {
    assert.deepEqual(followGroup(['master', 'backup', 'master'], SOUND, { index: 1, state: 'backup' }), [
      { index: 0, event: { kind: 'become-backup' } },
      { index: 2, event: { kind: 'become-backup' } },
    ]);
  });

  it('spreads a fault, and ends it when none has one of its own', () => {
    assert.deepEqual(
      followGroup(['fault', 'backup', 'fault'], [true, false, false], { index: 0, state: 'fault' }),
      [{ index: 1, event: { kind: 'fault' } }],
    );
    const recovered = { index: 0, state: 'backup' } as const;
    assert.deepEqual(followGroup(['backup', 'fault', 'fault'], [false, false, true], recovered), []);
    assert.deepEqual(followGroup(['backup', 'fault', 'fault'], SOUND, recovered), [
      { index: 1, event: { kind: 'recover' } },
      { index: 2, event: { kind: 'recover' } },
    ]);
  });

  it('leaves the others alone where one is stopped', () => {
    assert.deepEqual(followGroup(['initialize', 'master'], SOUND, { index: 0, state: 'initialize' }), []);
  });
});
