import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../../../test/engine/sample-table.ts';
import { addressBytes, type IpAddress } from '../../../model/address.ts';
import type { ServiceSettings } from '../../../model/service.ts';
import type { PrefixLength, Seconds } from '../../../model/unit.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import { type AddressWords, wordsFromBytes } from './client-address.ts';
import { State } from './connection-state.ts';
import { ConnectionTable, Flag } from './connection-table.ts';
import { Templates } from './templates.ts';

describe('templates', () => {
  test('are found by every client that the netmask takes for the same one', () => {
    const { templates, service, a } = setUp({ persistenceNetmask: '255.255.255.0' as IpAddress });
    const slot = templates.create(service, words('192.0.2.7'), false, a);
    assert.equal(templates.find(service, words('192.0.2.200')), slot);
    assert.equal(templates.find(service, words('192.0.3.7')), -1);
  });

  test('of IPv6 by prefix', () => {
    const { templates, service, a } = setUp({ persistenceNetmask: 64 as PrefixLength });
    const slot = templates.create(service, words('2001:db8::1'), true, a);
    assert.equal(templates.find(service, words('2001:db8::ffff:ffff:1')), slot);
    assert.equal(templates.find(service, words('2001:db8:0:1::1')), -1);
    assert.equal(templates.find(service, words('::')), -1);
  });

  test('hold the masked client, port 0, no state yet, and their service timeout', () => {
    const { templates, service, table, a } = setUp({ persistenceNetmask: '255.255.0.0' as IpAddress });
    const slot = templates.create(service, words('192.0.2.7'), false, a);
    assert.deepEqual([...table.address.subarray(slot * 4, slot * 4 + 4)], words('192.0.0.0'));
    assert.equal(table.port[slot], 0);
    assert.equal(table.state[slot], State.none);
    assert.equal(table.timeout[slot], 300);
    assert.ok(table.has(slot, Flag.template));
  });

  test('count as persistent connections of their destination, nothing else', () => {
    const { templates, service, a } = setUp();
    const slot = templates.create(service, words('192.0.2.7'), false, a);
    assert.deepEqual([a.persistentConnections, a.activeConnections, a.inactiveConnections], [1, 0, 0]);
    templates.remove(slot);
    assert.equal(a.persistentConnections, 0);
    assert.equal(templates.find(service, words('192.0.2.7')), -1);
  });

  test('are invalid once their destination is gone, and stay so until they expire', () => {
    const { templates, service, table, a } = setUp();
    const slot = templates.create(service, words('192.0.2.7'), false, a);
    a.available = false;
    assert.equal(templates.find(service, words('192.0.2.7')), -1);
    assert.ok(table.has(slot, Flag.invalid));
    a.available = true;
    assert.equal(templates.find(service, words('192.0.2.7')), -1);
    assert.equal(a.persistentConnections, 1);
    templates.remove(slot);
    assert.equal(a.persistentConnections, 0);
  });

  test('of a client that nobody asked for meanwhile are valid again when their destination comes back', () => {
    const { templates, service, a } = setUp();
    const slot = templates.create(service, words('192.0.2.7'), false, a);
    a.available = false;
    a.available = true;
    assert.equal(templates.find(service, words('192.0.2.7')), slot);
  });

  test('a new template of a client replaces the former one', () => {
    const { templates, service, table, a, b } = setUp();
    const former = templates.create(service, words('192.0.2.7'), false, a);
    const latter = templates.create(service, words('192.0.2.7'), false, b);
    assert.equal(templates.find(service, words('192.0.2.7')), latter);
    assert.ok(table.has(former, Flag.invalid));
    templates.remove(former);
    assert.equal(templates.find(service, words('192.0.2.7')), latter, 'its expiry leaves the new one alone');
    assert.deepEqual([a.persistentConnections, b.persistentConnections], [0, 1]);
  });

  test('survive a change of the netmask without mixing clients up', () => {
    const { templates, service, a, b } = setUp({ persistenceNetmask: '255.255.255.0' as IpAddress });
    const wide = templates.create(service, words('192.0.2.7'), false, a);
    service.settings = settings({ persistenceTimeout: 300 as Seconds });
    assert.equal(templates.find(service, words('192.0.2.7')), -1);
    const narrow = templates.create(service, words('192.0.2.7'), false, b);
    templates.remove(wide);
    assert.equal(templates.find(service, words('192.0.2.7')), narrow);
  });

  test('of two services do not meet', () => {
    const { templates, service, a } = setUp();
    const other = new LiveService(serviceOn('192.0.2.10', 81), service.settings);
    templates.create(service, words('192.0.2.7'), false, a);
    assert.equal(templates.find(other, words('192.0.2.7')), -1);
  });

  test('of a service that was deleted and added again are found again', () => {
    const { templates, service, a } = setUp();
    const slot = templates.create(service, words('192.0.2.7'), false, a);
    const again = new LiveService(service.id, service.settings);
    assert.equal(templates.find(again, words('192.0.2.7')), slot);
  });
});

function setUp(changes: Partial<ServiceSettings> = {}) {
  const table = new ConnectionTable();
  const service = new LiveService(
    serviceOn('192.0.2.10'),
    settings({ persistenceTimeout: 300 as Seconds, ...changes }),
  );
  const a = new LiveDestination(service, destinationOn('10.0.0.1'));
  const b = new LiveDestination(service, destinationOn('10.0.0.2'));
  return { table, templates: new Templates(table), service, a, b };
}

function words(address: string): AddressWords {
  return wordsFromBytes(addressBytes(address as IpAddress));
}
