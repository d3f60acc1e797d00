import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEngine } from './engine-choice.ts';

const probed = async (): Promise<never> => assert.fail('the kernel was asked although the engine was named');
const NOBODY = { ipvs: probed, ebpf: probed };

test('auto takes the kernel’s IPVS where it can be used, without a look at others', async () => {
  assert.deepEqual(await chooseEngine('auto', 'default', { ipvs: async () => undefined, ebpf: probed }), {
    name: 'ipvs',
    reason: 'auto: the kernel has IPVS',
  });
});

test('auto takes ebpf where the kernel has no IPVS, and says why', async () => {
  const ipvs = async () => 'the kernel has no IPVS';
  assert.deepEqual(await chooseEngine('auto', 'default', { ipvs, ebpf: async () => undefined }), {
    name: 'ebpf',
    reason: 'auto: not ipvs, since the kernel has no IPVS',
  });
});

test('auto takes the relay elsewhere, and says why neither of the others', async () => {
  const probes = {
    ipvs: async () => 'the kernel has no IPVS',
    ebpf: async () => 'the process lacks CAP_BPF',
  };
  assert.deepEqual(await chooseEngine('auto', 'default', probes), {
    name: 'relay',
    reason: 'auto: not ipvs, since the kernel has no IPVS; not ebpf, since the process lacks CAP_BPF',
  });
});

test('an engine that was asked for is taken, and the reason names who asked', async () => {
  assert.deepEqual(await chooseEngine('relay', 'vipr.yaml', NOBODY), {
    name: 'relay',
    reason: 'asked for by vipr.yaml',
  });
  assert.deepEqual(await chooseEngine('ipvs', '--engine', NOBODY), {
    name: 'ipvs',
    reason: 'asked for by --engine',
  });
  assert.deepEqual(await chooseEngine('ebpf', '--engine', NOBODY), {
    name: 'ebpf',
    reason: 'asked for by --engine',
  });
  const { name, reason } = await chooseEngine('memory', '--engine', NOBODY);
  assert.equal(name, 'memory');
  assert.match(reason, /--engine.*no traffic/);
});
