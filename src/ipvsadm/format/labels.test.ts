import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedNames } from '../../../test/ipvsadm/fixed-names.ts';
import type { IpAddress } from '../../model/address.ts';
import { formatEndpoint, formatWholeEndpoint, NamedLabels, NUMERIC_LABELS } from './labels.ts';

const VIP = '192.0.2.10' as IpAddress;
const VIP6 = '2001:db8::10' as IpAddress;

async function labels(name: string): Promise<NamedLabels> {
  const named = new NamedLabels(
    fixedNames(
      new Map([
        [VIP, name],
        [VIP6, name],
      ]),
    ),
  );
  await named.prepare([VIP, VIP6, VIP]);
  return named;
}

test('endpoints in numbers', () => {
  assert.equal(formatEndpoint(VIP, 80, 'tcp', NUMERIC_LABELS), '192.0.2.10:80');
  assert.equal(formatEndpoint(VIP6, 80, 'tcp', NUMERIC_LABELS), '[2001:db8::10]:80');
});

test('endpoints by name; a port without a protocol stays a number', async () => {
  const named = await labels('www.example.test');
  assert.equal(formatEndpoint(VIP, 80, 'tcp', named), 'www.example.test:http');
  assert.equal(formatEndpoint(VIP, 80, 'udp', named), 'www.example.test:80');
  assert.equal(formatEndpoint(VIP, 80, undefined, named), 'www.example.test:80');
  assert.equal(formatEndpoint(VIP6, 80, 'tcp', named), '[www.example.test]:http');
});

test('lists cut endpoints after 59 characters', async () => {
  const named = await labels('x'.repeat(70));
  assert.equal(formatEndpoint(VIP, 80, 'tcp', named), 'x'.repeat(59));
  assert.equal(formatEndpoint(VIP6, 80, 'tcp', named), `[${'x'.repeat(58)}`);
  assert.equal(formatWholeEndpoint(VIP, 80, 'tcp', named), `${'x'.repeat(70)}:http`);
});

test('an address is looked up once', async () => {
  const asked: string[] = [];
  const named = new NamedLabels({
    ...fixedNames(),
    hostName: async (address) => {
      asked.push(address);
      return undefined;
    },
  });
  await named.prepare([VIP, VIP6, VIP]);
  await named.prepare([VIP]);
  assert.deepEqual(asked, [VIP, VIP6]);
  assert.equal(named.address(VIP), VIP);
});
