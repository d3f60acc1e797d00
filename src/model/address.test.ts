import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressBytes,
  addressFromBytes,
  familyOf,
  foldAddress,
  type IpAddress,
  parseIpAddress,
} from './address.ts';

test('equal addresses become equal texts, as inet_ntop(3) writes them', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['192.0.2.10', '192.0.2.10'],
    ['2001:0DB8:0:0:0:0:0:10', '2001:db8::10'],
    ['::', '::'],
    ['0:0::1', '::1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::192.0.2.1'],
    ['::c000:201', '::192.0.2.1'],
    ['::1:0:1', '::1:0:1'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['fe80:0:0:1:0:0:0:1', 'fe80:0:0:1::1'],
  ];
  for (const [text, canonical] of cases) assert.equal(parseIpAddress(text), canonical, text);
});

test('what is not exactly one address is refused', () => {
  for (const text of [
    '',
    '1.2.3',
    '256.1.1.1',
    '1.2.3.4.5',
    '0x7f.1',
    '[::1]',
    'fe80::1%lo',
    '::g',
    '1:2',
    'localhost',
  ]) {
    assert.equal(parseIpAddress(text), undefined, text);
  }
});

test('bytes and text are each other’s inverse', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc
      .uint8Array({ minLength: 4, maxLength: 4 })
      .map((tail) => Uint8Array.from([...Array(12).fill(0), ...tail])),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      const address = addressFromBytes(given);
      assert.deepEqual(addressBytes(address), given);
      assert.equal(parseIpAddress(address), address);
      assert.equal(familyOf(address), given.length === 4 ? 'inet' : 'inet6');
    }),
  );
  assert.throws(() => addressFromBytes(new Uint8Array(5)), RangeError);
});

test('an address folds to one word in host order', () => {
  assert.equal(foldAddress('10.1.0.2' as IpAddress), 0x0a010002);
  assert.equal(foldAddress('2001:db8::10' as IpAddress), (0x20010db8 ^ 0x10) >>> 0);
  assert.equal(foldAddress('255.255.255.255' as IpAddress), 0xffffffff);
});
