import assert from 'node:assert/strict';
import { it } from 'node:test';
import { internetChecksum } from './internet-checksum.ts';

it('computes the example of RFC 1071 section 3', () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  assert.equal(internetChecksum(bytes), ~0xddf2 & 0xffff);
  assert.equal(internetChecksum(bytes.subarray(0, 2), bytes.subarray(2)), ~0xddf2 & 0xffff);
});

it('pads an odd byte, and is 0 over what contains it', () => {
  const bytes = Uint8Array.of(0xab, 0xcd, 0x00, 0x00, 0x11);
  const sum = internetChecksum(bytes);
  assert.equal(sum, ~(0xabcd + 0x1100) & 0xffff);
  bytes.set([sum >> 8, sum & 0xff], 2);
  assert.equal(internetChecksum(bytes), 0);
});

it('is all ones over nothing', () => assert.equal(internetChecksum(), 0xffff));
