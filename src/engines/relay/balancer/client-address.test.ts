import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addressBytes, addressFromBytes, type IpAddress } from '../../../model/address.ts';
import type { PrefixLength } from '../../../model/unit.ts';
import { addressFromWords, masked, maskWords, wordsFromBytes } from './client-address.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('client addresses as words', () => {
  test('an IPv4 address is the first word in host order', () => {
    assert.deepEqual(wordsFromBytes(Uint8Array.of(192, 0, 2, 1)), [0xc0000201, 0, 0, 0]);
    assert.equal(addressFromWords([0xc0000201, 0, 0, 0], false), '192.0.2.1');
  });

  test('an IPv6 address is four words', () => {
    const words = wordsFromBytes(addressBytes('2001:db8::ff00:0:1' as IpAddress));
    assert.deepEqual(words, [0x20010db8, 0, 0x0000ff00, 1]);
    assert.equal(addressFromWords(words, true), '2001:db8::ff00:0:1');
  });

  test('words give back every address', () => {
    for (const length of [4, 16]) {
      fc.assert(
        fc.property(bytes(length), (address) => {
          const text = addressFromWords(wordsFromBytes(address), length === 16);
          assert.equal(text, addressFromBytes(address));
        }),
      );
    }
  });
});

describe('persistence netmasks', () => {
  const mask = (netmask: string | number) => maskWords(netmask as IpAddress | PrefixLength);

  test('IPv4 masks, with holes too', () => {
    assert.deepEqual(mask('255.255.255.255'), [0xffffffff, 0, 0, 0]);
    assert.deepEqual(mask('255.255.255.0'), [0xffffff00, 0, 0, 0]);
    assert.deepEqual(mask('0.0.0.255'), [0xff, 0, 0, 0]);
    assert.deepEqual(
      masked(wordsFromBytes(Uint8Array.of(10, 1, 2, 3)), mask('255.0.255.0')),
      [0x0a000200, 0, 0, 0],
    );
  });

  test('an IPv6 address is no mask', () => {
    assert.throws(() => mask('ffff::'), RangeError);
  });

  test('an IPv6 prefix keeps exactly its bits', () => {
    assert.deepEqual(mask(1), [0x80000000, 0, 0, 0]);
    assert.deepEqual(mask(33), [0xffffffff, 0x80000000, 0, 0]);
    assert.deepEqual(mask(64), [0xffffffff, 0xffffffff, 0, 0]);
    assert.deepEqual(mask(128), [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff]);
    fc.assert(
      fc.property(bytes(16), fc.integer({ min: 1, max: 128 }), (address, prefix) => {
        const expected = address.map((byte, at) => {
          const bits = Math.min(8, Math.max(0, prefix - at * 8));
          return byte & (0xff << (8 - bits)) & 0xff;
        });
        assert.deepEqual(masked(wordsFromBytes(address), mask(prefix)), wordsFromBytes(expected));
      }),
    );
  });
});
