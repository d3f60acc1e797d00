import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceKey } from '../model/service.ts';
import { readService, readServiceAlone } from './service-words.ts';

for (const [words, key, rest] of [
  [['tcp 192.0.2.10:80'], 'tcp 192.0.2.10:80', []],
  [['tcp', '192.0.2.10:80'], 'tcp 192.0.2.10:80', []],
  [['192.0.2.10:80'], 'tcp 192.0.2.10:80', []],
  [['[2001:DB8::10]:53', '10.0.0.1:5'], 'tcp [2001:db8::10]:53', ['10.0.0.1:5']],
  [['udp [2001:db8::10]:53', '[2001:db8::1]:53', 'x'], 'udp [2001:db8::10]:53', ['[2001:db8::1]:53', 'x']],
  [['fwmark 3'], 'fwmark 3 inet', []],
  [['fwmark', '3', 'inet6', '10.0.0.1:5'], 'fwmark 3 inet6', ['10.0.0.1:5']],
  [['fwmark 3', '10.0.0.1:5'], 'fwmark 3 inet', ['10.0.0.1:5']],
] as const) {
  test(`${words.join(' + ')} is ${key}`, () => {
    const read = readService(words);
    assert.equal(serviceKey(read.service), key);
    assert.deepEqual(read.rest, rest);
  });
}

test('an address alone takes the protocol that is given', () => {
  assert.equal(serviceKey(readServiceAlone(['192.0.2.10:53'], 'udp')), 'udp 192.0.2.10:53');
});

for (const words of [
  [],
  [''],
  ['web'],
  ['192.0.2.10'],
  ['2001:db8::10:80'],
  ['tcp'],
  ['icmp 192.0.2.10:80'],
  ['fwmark 0'],
]) {
  test(`${JSON.stringify(words)} is no service`, () => {
    assert.throws(() => readService(words), { code: 'USAGE', hint: /Services are named as/ });
  });
}

test('what follows a service that is all there is to be is told', () => {
  assert.throws(() => readServiceAlone(['tcp 192.0.2.10:80', 'more']), { code: 'USAGE', message: /"more"/ });
});
