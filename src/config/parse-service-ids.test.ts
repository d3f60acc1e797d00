import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceKey } from '../model/service.ts';
import { parseServiceIds } from './parse-service-ids.ts';

const cases: readonly (readonly [text: string, keys: readonly string[] | undefined])[] = [
  ['tcp 192.0.2.10:80', ['tcp 192.0.2.10:80']],
  ['fwmark 3', ['fwmark 3 inet']],
  ['tcp 192.0.2.254-255:80', ['tcp 192.0.2.254:80', 'tcp 192.0.2.255:80']],
  ['udp 192.0.2.1-1:0', ['udp 192.0.2.1:0']],
  ['tcp [2001:db8::fffe-ffff]:80', ['tcp [2001:db8::fffe]:80', 'tcp [2001:db8::ffff]:80']],
  ['sctp [2001:db8::-1]:80', ['sctp [2001:db8::]:80', 'sctp [2001:db8::1]:80']],
  ['fwmark 9-10', ['fwmark 9 inet', 'fwmark 10 inet']],
  ['fwmark 9-10 inet6', ['fwmark 9 inet6', 'fwmark 10 inet6']],
  ['tcp 192.0.2.10-9:80', undefined],
  ['tcp 192.0.2.10-256:80', undefined],
  ['tcp 192.0.2.10-1f:80', undefined],
  ['tcp 192.0.2.10-192.0.2.19:80', undefined],
  ['tcp [2001:db8::10-1ffff]:80', undefined],
  ['tcp [2001:db8::0-ffff]:80', undefined],
  ['fwmark 1-4097', undefined],
  ['fwmark 0-1', undefined],
  ['tcp 192.0.2.10-19', undefined],
  ['', undefined],
];

for (const [text, keys] of cases) {
  test(`${JSON.stringify(text)} is ${keys?.join(' and ') ?? 'no service'}`, () => {
    assert.deepEqual(parseServiceIds(text)?.map(serviceKey), keys);
  });
}

test('a range of marks ends with the last mark that there is', () => {
  assert.equal(parseServiceIds('fwmark 4294967295-4294967296'), undefined);
  assert.equal(parseServiceIds('fwmark 1-4096')?.length, 4096);
});
