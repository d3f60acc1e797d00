import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseXdp } from './xdp-choice.ts';

test('auto: XDP for devices with a driver of their own, tc for what an offloading kernel feeds', () => {
  assert.equal(chooseXdp('auto', {}, 'mlx5_core').xdp, 'wanted');
  assert.deepEqual(chooseXdp('auto', {}, 'virtio_net'), {
    xdp: 'none',
    reason: 'virtio_net carries packets with unfinished checksums',
  });
  assert.deepEqual(chooseXdp('auto', { kind: 'veth' }, undefined), {
    xdp: 'none',
    reason: 'a veth carries packets with unfinished checksums',
  });
  assert.equal(chooseXdp('auto', {}, undefined).xdp, 'none');
});

test('what was asked for holds for every device', () => {
  assert.equal(chooseXdp('tc', {}, 'mlx5_core').xdp, 'none');
  assert.equal(chooseXdp('xdp', { kind: 'veth' }, undefined).xdp, 'required');
});
