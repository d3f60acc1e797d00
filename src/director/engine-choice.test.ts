import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEngine } from './engine-choice.ts';

test('auto takes an engine that carries traffic, and says why', () => {
  const { name, reason } = chooseEngine('auto', 'default');
  assert.equal(name, 'relay');
  assert.match(reason, /^auto: /);
});

test('an engine that was asked for is taken, and the reason names who asked', () => {
  assert.deepEqual(chooseEngine('relay', 'vipr.yaml'), { name: 'relay', reason: 'asked for by vipr.yaml' });
  const { name, reason } = chooseEngine('memory', '--engine');
  assert.equal(name, 'memory');
  assert.match(reason, /--engine.*no traffic/);
});
