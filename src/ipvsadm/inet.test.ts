import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inetAton, inetPton6 } from './inet.ts';

test('IPv4 addresses are read as inet_aton reads them', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['192.0.2.10', '192.0.2.10'],
    ['192.0.2', '192.0.0.2'],
    ['192.2', '192.0.0.2'],
    ['24', '0.0.0.24'],
    ['0xffffff00', '255.255.255.0'],
    ['0x7f.1', '127.0.0.1'],
    ['010.1.1.1', '8.1.1.1'],
    ['1.2.256', '1.2.1.0'],
    ['4294967295', '255.255.255.255'],
    ['1.2.3.4 and more', '1.2.3.4'],
    ['1.2.3.256', undefined],
    ['256.2.3.4', undefined],
    ['1.2.65536', undefined],
    ['4294967296', undefined],
    ['1.2.3.4.', undefined],
    ['1..2', undefined],
    ['1.2.3.4.5', undefined],
    ['08', undefined],
    ['0x', undefined],
    [' 1.2.3.4', undefined],
    ['-1', undefined],
    ['', undefined],
  ];
  for (const [text, address] of cases) assert.equal(inetAton(text), address, text);
});

test('IPv6 addresses are read as inet_pton reads them', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['2001:DB8::0010', '2001:db8::10'],
    ['::', '::'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1::2::3', undefined],
    ['::00001', undefined],
    ['::1%lo', undefined],
    ['::1.2.3.04', undefined],
    ['::1.2.3.256', undefined],
    ['::g', undefined],
    [':1::', undefined],
    ['192.0.2.1', undefined],
    ['', undefined],
  ];
  for (const [text, address] of cases) assert.equal(inetPton6(text), address, text);
});
