import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedNames } from '../../test/ipvsadm/fixed-names.ts';
import { parseAddressArgument } from './address-argument.ts';

const names = fixedNames(new Map([['192.0.2.10', 'www.example.test']]));

async function read(text: string): Promise<string | undefined> {
  const parsed = await parseAddressArgument(text, 'tcp', names);
  return parsed && `${parsed.address} ${parsed.port}`;
}

test('addresses with and without a port', async () => {
  assert.equal(await read('192.0.2.10:80'), '192.0.2.10 80');
  assert.equal(await read('192.0.2.10'), '192.0.2.10 undefined');
  assert.equal(await read('192.0.2:80'), '192.0.0.2 80');
  assert.equal(await read('[2001:db8::10]:80'), '2001:db8::10 80');
  assert.equal(await read('2001:db8::10'), '2001:db8::10 undefined');
  assert.equal(await read('2001:db8::10:80'), '2001:db8::10:80 undefined');
});

test('names of hosts and services', async () => {
  assert.equal(await read('www.example.test:http'), '192.0.2.10 80');
  assert.equal(await read('[::1]:https'), '::1 443');
  assert.equal(await read('no.such.host:80'), undefined);
  assert.equal(await read('192.0.2.10:nosuch'), undefined);
  assert.equal(await parseAddressArgument('192.0.2.10:http', 'udp', names), undefined);
  assert.equal(await parseAddressArgument('192.0.2.10:http', undefined, names), undefined);
});

test('what is no address', async () => {
  const wrong = [
    '',
    '5',
    '16909060',
    ':80',
    '[::1]',
    '[::1:80',
    '[::1]80',
    '[]:80',
    '192.0.2.10:',
    '192.0.2.10:65536',
  ];
  for (const text of wrong) assert.equal(await read(text), undefined, text);
});

test('an IPv4 address in brackets loses its port, as in the original', async () => {
  assert.equal(await read('[192.0.2.10]:80'), '192.0.2.10 undefined');
  assert.equal(await read('[192.0.2.10:81]:80'), '192.0.2.10 81');
});
