import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEngine } from './engine-choice.ts';

const probed = async (): Promise<never> => assert.fail('the kernel was asked although the engine was named');

test('auto takes the kernel’s IPVS where it can be used', async () => {
  assert.deepEqual(await chooseEngine('auto', 'default', async () => undefined), {
    name: 'ipvs',
    reason: 'auto: the kernel has IPVS',
  });
});

test('auto takes the relay elsewhere, and says why', async () => {
  assert.deepEqual(await chooseEngine('auto', 'default', async () => 'the kernel has no IPVS'), {
    name: 'relay',
    reason: 'auto: not ipvs, since the kernel has no IPVS',
  });
});

test('an engine that was asked for is taken, and the reason names who asked', async () => {
  assert.deepEqual(await chooseEngine('relay', 'vipr.yaml', probed), {
    name: 'relay',
    reason: 'asked for by vipr.yaml',
  });
  assert.deepEqual(await chooseEngine('ipvs', '--engine', probed), {
    name: 'ipvs',
    reason: 'asked for by --engine',
  });
  const { name, reason } = await chooseEngine('memory', '--engine', probed);
  assert.equal(name, 'memory');
  assert.match(reason, /--engine.*no traffic/);
});
