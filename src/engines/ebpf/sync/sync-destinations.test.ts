import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { destinationOn, ip, serviceOn, settings } from '../../../../test/engine/sample-table.ts';
import { type ServiceId, serviceKey } from '../../../model/service.ts';
import type { FirewallMark, Port } from '../../../model/unit.ts';
import type { SyncRecord } from '../../../sync/message/sync-record.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import type { ServiceSlot } from '../table/service-slots.ts';
import { SyncDestinations } from './sync-destinations.ts';

const [NAT, DIRECT, TEMPLATE] = [0, 3, 0x1100];
const VIP = ip('192.0.2.10');

describe('the destination of a record', () => {
  it('is that of the service on its address and port, with its address and port', () => {
    const find = tableOf([serviceOn(VIP, 80), ['10.0.0.11', 80], ['10.0.0.11', 81], ['10.0.0.12', 80]]);
    assert.equal(find({ destinationAddress: ip('10.0.0.11'), destinationPort: 81 }), '10.0.0.11:81');
    assert.equal(find({ destinationAddress: ip('10.0.0.12') }), '10.0.0.12:80');
    assert.equal(find({ destinationAddress: ip('10.0.0.13') }), 'no-destination');
    assert.equal(find({ virtualPort: 81 }), 'no-service');
    assert.equal(find({ protocol: 17 }), 'no-service');
    assert.equal(find({ virtualAddress: ip('192.0.2.11') }), 'no-service');
  });

  it('is that on port 0 where none has the port', () => {
    const find = tableOf([serviceOn(VIP, 80), ['10.0.0.11', 0], ['10.0.0.11', 81]]);
    assert.equal(find({ destinationPort: 81 }), '10.0.0.11:81');
    assert.equal(find({ destinationPort: 80 }), '10.0.0.11:0');
  });

  it('is the only one with the address where the service has no port of its own', () => {
    const find = tableOf([serviceOn(VIP, 0), ['10.0.0.11', 80], ['10.0.0.12', 80], ['10.0.0.12', 81]]);
    const template = { flags: TEMPLATE, clientPort: 0, virtualPort: 0, destinationPort: 0 };
    assert.equal(find(template), '10.0.0.11:80');
    assert.equal(find({ virtualPort: 8080, destinationPort: 8080 }), '10.0.0.11:80');
    assert.equal(find({ ...template, destinationAddress: ip('10.0.0.12') }), 'no-destination');
  });

  it('is that of the mark first, on port 0 first unless it is masqueraded', () => {
    const mark: ServiceId = { kind: 'fwmark', fwmark: 6 as FirewallMark, family: 'inet' };
    const find = tableOf(
      [mark, ['10.0.0.11', 0], ['10.0.0.11', 80]],
      [serviceOn(VIP, 80), ['10.0.0.12', 80]],
    );
    assert.equal(find({ fwmark: 6, flags: NAT }), '10.0.0.11:80');
    assert.equal(find({ fwmark: 6, flags: DIRECT }), '10.0.0.11:0');
    assert.equal(find({ fwmark: 6, flags: DIRECT, destinationAddress: ip('10.0.0.12') }), 'no-destination');
    // A mark without a service says nothing.
    assert.equal(find({ fwmark: 7, destinationAddress: ip('10.0.0.12') }), '10.0.0.12:80');
  });

  it('of a template of a mark is found by the mark in its virtual address', () => {
    const inet: ServiceId = { kind: 'fwmark', fwmark: 0x01020304 as FirewallMark, family: 'inet' };
    const inet6: ServiceId = { ...inet, family: 'inet6' };
    const find = tableOf([inet, ['10.0.0.11', 0]], [inet6, ['fd02::11', 0]]);
    const template = { protocol: 0, flags: TEMPLATE, clientPort: 0, virtualPort: 0, destinationPort: 0 };
    assert.equal(find({ ...template, virtualAddress: ip('1.2.3.4') }), '10.0.0.11:0');
    const from = { clientAddress: ip('2001:db8::'), destinationAddress: ip('fd02::11') };
    assert.equal(find({ ...template, ...from, virtualAddress: ip('102:304::') }), '[fd02::11]:0');
    assert.equal(find({ ...template, virtualAddress: ip('1.2.3.5') }), 'no-service');
    assert.equal(find({ ...template, ...from, virtualAddress: ip('1.2.3.4') }), 'no-service');
  });

  it('of FTP data is that of port 21; so are its templates, which are on every port', () => {
    const find = tableOf(
      [serviceOn(VIP, 21), ['10.0.0.11', 21]],
      [serviceOn('192.0.2.11', 0), ['10.0.0.12', 0]],
    );
    assert.equal(find({ virtualPort: 20, destinationPort: 20 }), '10.0.0.11:21');
    assert.equal(find({ virtualPort: 40000, destinationPort: 40000 }), '10.0.0.11:21');
    assert.equal(find({ virtualPort: 1023, destinationPort: 21 }), 'no-service');
    const template = { flags: TEMPLATE, clientPort: 0, virtualPort: 0, destinationPort: 0 };
    assert.equal(find(template), '10.0.0.11:21');
    const other = { virtualAddress: ip('192.0.2.11'), destinationAddress: ip('10.0.0.12') };
    assert.equal(find({ ...template, ...other }), '10.0.0.12:0');
  });

  it('is looked for anew when the table has changed', () => {
    const service = new LiveService(serviceOn(VIP, 0), settings());
    const destinations = new SyncDestinations({ services: slotsOf([service]), unprivilegedPortStart: 1024 });
    const asked = record({ virtualPort: 8080, destinationPort: 8080 });
    assert.equal(destinations.find(asked), 'no-destination');
    service.add(new LiveDestination(service, destinationOn('10.0.0.11', { port: 80 as Port })));
    destinations.tableChanged();
    assert.notEqual(destinations.find(asked), 'no-destination');
  });
});

type Given = readonly [ServiceId, ...(readonly [string, number])[]];

function tableOf(...given: readonly Given[]): (changes: Partial<SyncRecord>) => string {
  const services = given.map(([id, ...destinations]) => {
    const service = new LiveService(id, settings());
    for (const [address, port] of destinations)
      service.add(new LiveDestination(service, destinationOn(address, { port: port as Port })));
    return service;
  });
  const found = new SyncDestinations({ services: slotsOf(services), unprivilegedPortStart: 1024 });
  return (changes) => {
    const destination = found.find(record(changes));
    return typeof destination === 'string' ? destination : destination.key;
  };
}

function slotsOf(services: readonly LiveService[]): { find(key: string): ServiceSlot | undefined } {
  const slots = services.map((service, id) => {
    return { id, identity: service.id, service, order: id, destinations: service.destinations.length };
  });
  return { find: (key) => slots.find(({ identity }) => serviceKey(identity) === key) };
}

function record(changes: Partial<SyncRecord>): SyncRecord {
  return {
    protocol: 6,
    clientAddress: ip('203.0.113.1'),
    clientPort: 40001,
    virtualAddress: VIP,
    virtualPort: 80,
    destinationAddress: ip('10.0.0.11'),
    destinationPort: 80,
    fwmark: 0,
    flags: NAT,
    state: 1,
    timeout: 900,
    ...changes,
  };
}
