import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import { internetChecksum } from '../../system/internet-checksum.ts';
import { advertisementFrame } from './advertisement-frame.ts';
import { virtualMacAddress } from './virtual-mac-address.ts';

const MESSAGE = Uint8Array.of(0x31, 51, 100, 1);

describe('advertisementFrame', () => {
  it('is an IPv4 packet to the group in a frame from the virtual MAC address', () => {
    const envelope = { source: '192.0.2.1' as IpAddress, destination: '224.0.0.18' as IpAddress };
    const frame = advertisementFrame(MESSAGE, envelope, virtualMacAddress('inet', 51));
    const header = frame.subarray(14, 34);
    assert.equal(Buffer.from(frame.subarray(0, 14)).toString('hex'), '01005e00001200005e0001330800');
    assert.equal(internetChecksum(header), 0);
    assert.equal(
      Buffer.from(header).toString('hex'),
      `45c00018${'00004000'}ff70${Buffer.from(header.subarray(10, 12)).toString('hex')}c0000201e0000012`,
    );
    assert.deepEqual([...frame.subarray(34)], [...MESSAGE]);
  });

  it('is an IPv6 packet to the group in a frame from the virtual MAC address', () => {
    const envelope = { source: 'fe80::1' as IpAddress, destination: 'ff02::12' as IpAddress };
    const frame = advertisementFrame(MESSAGE, envelope, virtualMacAddress('inet6', 255));
    assert.equal(Buffer.from(frame.subarray(0, 14)).toString('hex'), '33330000001200005e0002ff86dd');
    assert.equal(
      Buffer.from(frame.subarray(14, 54)).toString('hex'),
      `6c000000000470ff${'fe800000000000000000000000000001'}${'ff020000000000000000000000000012'}`,
    );
    assert.deepEqual([...frame.subarray(54)], [...MESSAGE]);
  });
});
