import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpAddress } from './address.ts';
import { inet4Word } from './inet4-word.ts';

test('the word of an IPv4 address, and none of an IPv6 address', () => {
  const words = { '0.0.0.0': 0, '10.0.0.1': 0x0a000001, '192.0.2.10': 0xc000020a | 0, '255.255.255.255': -1 };
  for (const [text, word] of Object.entries(words)) assert.equal(inet4Word(text as IpAddress), word, text);
  for (const text of ['::', '2001:db8::1', '::ffff:192.0.2.1', 'fe80::']) {
    assert.equal(inet4Word(text as IpAddress), undefined, text);
  }
});
