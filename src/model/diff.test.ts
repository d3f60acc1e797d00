import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  destinationOn,
  HOST_PREFIX,
  ip,
  serviceOn,
  serviceOnMark,
  settings,
} from '../../test/engine/sample-table.ts';
import { HostEnvironment } from '../engines/table/environment.ts';
import { LiveTable } from '../engines/table/live-table.ts';
import { type Destination, destinationKey } from './destination.ts';
import { diffTables } from './diff.ts';
import type { Operation } from './operation.ts';
import { type Service, type ServiceId, serviceFamily, serviceKey } from './service.ts';
import { destinationSettings, serviceSettings } from './settings.ts';
import { DEFAULT_TIMEOUTS, type Table } from './table.ts';
import type { Port, PrefixLength, Seconds, Weight } from './unit.ts';

const KEEP = 0 as Seconds;
const EMPTY: Table = { services: [], timeouts: DEFAULT_TIMEOUTS };

describe('diffTables', () => {
  test('leads a live table from one table to the other', () => {
    fc.assert(
      fc.property(tables, tables, (from, to) => {
        const table = holding(from);
        for (const operation of diffTables(from, to)) table.execute(operation);
        assert.deepEqual(normalised(table.snapshot()), normalised(to));
      }),
      { numRuns: 500 },
    );
  });

  test('finds nothing to do between a table and itself, be it a snapshot', () => {
    fc.assert(
      fc.property(tables, (table) => {
        assert.deepEqual(diffTables(table, table), []);
        assert.deepEqual(diffTables(holding(table).snapshot(), table), []);
        assert.deepEqual(diffTables(table, holding(table).snapshot()), []);
      }),
    );
  });

  test('builds lists in the order of the table', () => {
    fc.assert(
      fc.property(tables, (to) => {
        const held = holding(to);
        for (const { id, destinations } of to.services) {
          assert.deepEqual(order(held.find(serviceKey(id))), destinations.map(destinationKey));
        }
      }),
    );
  });

  test('puts new destinations in order before those that stay, which keep their places', () => {
    fc.assert(
      fc.property(tables, tables, (from, to) => {
        const table = holding(from);
        for (const operation of diffTables(from, to)) table.execute(operation);
        for (const { id, destinations } of to.services) {
          const before = order(from.services.find((service) => serviceKey(service.id) === serviceKey(id)));
          const wanted = destinations.map(destinationKey);
          assert.deepEqual(order(table.find(serviceKey(id))), [
            ...wanted.filter((key) => !before.includes(key)),
            ...before.filter((key) => wanted.includes(key)),
          ]);
        }
      }),
    );
  });

  test('never leaves a service without destinations that has some before and after', () => {
    fc.assert(
      fc.property(tables, tables, (from, to) => {
        const table = holding(from);
        const populated = (side: Table) =>
          side.services.filter((service) => service.destinations.length > 0).map(({ id }) => serviceKey(id));
        const both = populated(from).filter((key) => populated(to).includes(key));
        for (const operation of diffTables(from, to)) {
          table.execute(operation);
          for (const key of both) assert.ok(table.find(key)?.destinations.length, `${key} ran empty`);
        }
      }),
    );
  });

  test('names no more than what differs', () => {
    const id = serviceOn('192.0.2.10');
    const [one, two, three] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => destinationOn(address));
    assert.ok(one && two && three);
    const from = tableOf({ id, ...settings(), destinations: [one, two] });
    const heavier = { ...two, weight: 5 as Weight };
    const to = tableOf({ id, ...settings({ scheduler: 'lc' }), destinations: [three, heavier] });
    assert.deepEqual(diffTables(from, { ...to, timeouts: { ...DEFAULT_TIMEOUTS, udp: 30 as Seconds } }), [
      { kind: 'set-timeouts', timeouts: { tcp: KEEP, tcpfin: KEEP, udp: 30 as Seconds } },
      { kind: 'edit-service', service: id, settings: settings({ scheduler: 'lc' }) },
      { kind: 'add-destination', service: id, destination: three },
      { kind: 'edit-destination', service: id, destination: heavier },
      { kind: 'delete-destination', service: id, destination: { address: one.address, port: one.port } },
    ] satisfies Operation[]);
  });

  test('switches the PROXY protocol off where it is no longer asked for', () => {
    const id = serviceOn('192.0.2.10');
    const spoken = destinationOn('10.0.0.1', { proxyProtocol: 'v2' });
    const from = tableOf({ id, ...settings(), destinations: [spoken] });
    const to = tableOf({ id, ...settings(), destinations: [destinationOn('10.0.0.1')] });
    const [operation] = diffTables(from, to);
    assert.equal(operation?.kind === 'edit-destination' && operation.destination.proxyProtocol, 'off');
  });
});

function tableOf(...services: Service[]): Table {
  return { services, timeouts: DEFAULT_TIMEOUTS };
}

function holding(table: Table): LiveTable {
  const live = new LiveTable({
    environment: new HostEnvironment(),
    schedulers: (name) => ({ name, bind: () => ({ schedule: () => undefined }) }),
    modules: { now: () => 0, random: () => 0 },
  });
  for (const operation of diffTables(EMPTY, table)) live.execute(operation);
  return live;
}

function order(
  service: { readonly destinations: readonly { address: Destination['address']; port: Port }[] } | undefined,
) {
  return (service?.destinations ?? []).map(destinationKey);
}

/** What two tables have in common where they mean the same: services and destinations by key, no counts, no defaults. */
function normalised(table: Table) {
  const services = table.services.map((service) => {
    const destinations = service.destinations.map((destination): [string, Destination] => [
      destinationKey(destination),
      { ...destinationSettings(destination), proxyProtocol: destination.proxyProtocol ?? 'off' },
    ]);
    return [serviceKey(service.id), serviceSettings(service), new Map(destinations)] as const;
  });
  return {
    services: new Map(services.map(([key, ...rest]) => [key, rest])),
    timeouts: { ...table.timeouts },
  };
}

const seconds = fc.integer({ min: 1, max: 100_000 }).map((value) => value as Seconds);

const ids: fc.Arbitrary<ServiceId> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('192.0.2.10', '192.0.2.11', '2001:db8::10'),
      fc.constantFrom(0, 80),
      fc.constantFrom('tcp', 'udp', 'sctp'),
    )
    .map(([address, port, protocol]) => serviceOn(address, port, protocol)),
  fc.constantFrom(serviceOnMark(1), serviceOnMark(1, 'inet6')),
);

function settingsFor(id: ServiceId) {
  const inet = serviceFamily(id) === 'inet';
  return fc
    .record({
      scheduler: fc.constantFrom('rr', 'wlc', 'none'),
      schedulerFlags: fc.record({ flag1: fc.boolean(), flag2: fc.boolean(), flag3: fc.boolean() }),
      persistenceTimeout: fc.option(seconds, { nil: undefined }),
      persistenceNetmask: inet
        ? fc.constantFrom(ip('255.255.255.255'), ip('255.255.255.0'))
        : fc.constantFrom(HOST_PREFIX, 64 as PrefixLength),
      persistenceEngine: fc.option(fc.constantFrom('', 'sip'), { nil: undefined }),
      onePacket: fc.boolean(),
    })
    .map(({ persistenceTimeout, persistenceEngine, ...rest }) => ({
      ...rest,
      ...(persistenceTimeout === undefined ? {} : { persistenceTimeout }),
      ...(persistenceEngine === undefined ? {} : { persistenceEngine }),
    }));
}

function destinationsFor(id: ServiceId): fc.Arbitrary<Destination[]> {
  const net = serviceFamily(id) === 'inet' ? '10.0.0.' : 'fd00::';
  const destination = fc
    .record({
      address: fc.integer({ min: 1, max: 5 }).map((host) => ip(`${net}${host}`)),
      port: fc.constantFrom(80, 8080).map((port) => port as Port),
      forwarding: fc.constantFrom('masquerade', 'direct', 'tunnel'),
      weight: fc.integer({ min: 0, max: 3 }).map((weight) => weight as Weight),
      upperThreshold: fc.constantFrom(10, 20),
      lowerThreshold: fc.constantFrom(0, 5),
      tunnel: fc.record({
        type: fc.constantFrom('ipip', 'gue', 'gre'),
        port: fc.constant(6080 as Port),
        checksum: fc.constantFrom('none', 'checksum'),
      }),
      proxyProtocol: fc.constantFrom('v2', 'off', undefined),
    })
    .map(({ proxyProtocol, ...rest }): Destination => {
      return proxyProtocol === undefined ? rest : { ...rest, proxyProtocol };
    });
  return fc.uniqueArray(destination, { selector: destinationKey, maxLength: 6 });
}

const tables: fc.Arbitrary<Table> = fc.record({
  services: fc.uniqueArray(
    ids.chain((id) =>
      fc
        .tuple(settingsFor(id), destinationsFor(id))
        .map(([chosen, destinations]): Service => ({ id, ...chosen, destinations })),
    ),
    { selector: (service) => serviceKey(service.id), maxLength: 5 },
  ),
  timeouts: fc.record({ tcp: seconds, tcpfin: seconds, udp: seconds }),
});
