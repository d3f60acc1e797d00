import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseXdp, type XdpDevice } from './xdp-choice.ts';

test('auto: XDP for devices with a driver of their own, tc for what an offloading kernel feeds', () => {
  assert.equal(chooseXdp('auto', {}, device('mlx5_core')).xdp, 'wanted');
  assert.deepEqual(chooseXdp('auto', {}, device('virtio_net')), {
    xdp: 'none',
    reason: 'virtio_net carries packets with unfinished checksums',
  });
  assert.deepEqual(chooseXdp('auto', { kind: 'veth' }, device(undefined)), {
    xdp: 'none',
    reason: 'a veth carries packets with unfinished checksums',
  });
  assert.equal(chooseXdp('auto', {}, device(undefined)).xdp, 'none');
});

test('auto: tc for what carries VLANs, whose tags the device may take off before XDP', () => {
  assert.equal(chooseXdp('auto', {}, { ...device('mlx5_core'), carriesVlans: true }).xdp, 'none');
  assert.equal(chooseXdp('xdp', {}, { ...device('mlx5_core'), carriesVlans: true }).xdp, 'required');
});

test('XDP that was asked for on a veth says what its peers have to switch off', () => {
  assert.match(chooseXdp('xdp', { kind: 'veth' }, device(undefined)).reason, /"tx off"/);
  assert.equal(chooseXdp('xdp', {}, device('mlx5_core')).reason, 'XDP was asked for');
});

test('what was asked for holds for every device', () => {
  assert.equal(chooseXdp('tc', {}, device('mlx5_core')).xdp, 'none');
  assert.equal(chooseXdp('xdp', { kind: 'veth' }, device(undefined)).xdp, 'required');
});

function device(driver: string | undefined): XdpDevice {
  return { driver, carriesVlans: false };
}
