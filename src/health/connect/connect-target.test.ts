import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { FirewallMark, Port } from '../../model/unit.ts';
import { connectTarget, describeTarget, obstacleTo } from './connect-target.ts';

const destination = { address: '10.0.0.11' as IpAddress, port: 80 as Port };

test('what an endpoint leaves out is the destination’s', () => {
  assert.deepEqual(connectTarget({}, destination), destination);
  const endpoint = {
    address: 'fe80::1' as IpAddress,
    port: 81 as Port,
    interface: 'eth0',
    mark: 3 as FirewallMark,
  };
  assert.deepEqual(connectTarget(endpoint, destination), endpoint);
  assert.equal(describeTarget(connectTarget(endpoint, destination)), '[fe80::1]:81 by eth0 with mark 3');
});

test('some targets cannot be reached by any network', () => {
  assert.equal(obstacleTo(connectTarget({}, destination)), undefined);
  assert.match(obstacleTo(connectTarget({}, { ...destination, port: 0 as Port })) ?? '', /no port/);
  const linkLocal = { address: 'fe80::1' as IpAddress };
  assert.match(obstacleTo(connectTarget(linkLocal, destination)) ?? '', /needs an interface/);
  assert.equal(obstacleTo(connectTarget({ ...linkLocal, interface: 'eth0' }, destination)), undefined);
  const sourceAddress = '2001:db8::1' as IpAddress;
  assert.match(obstacleTo(connectTarget({ sourceAddress }, destination)) ?? '', /other family/);
});
