import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, ip, serviceOn, serviceOnMark, settings } from '../../../test/engine/sample-table.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { type ServiceId, serviceKey } from '../../model/service.ts';
import type { Port, Seconds, Weight } from '../../model/unit.ts';
import type { SchedulerDefinition } from '../../scheduling/scheduler.ts';
import { HostEnvironment } from './environment.ts';
import type { LiveDestination } from './live-destination.ts';
import type { LiveService } from './live-service.ts';
import { LiveTable, type LiveTableModules } from './live-table.ts';

const VIP = serviceOn('192.0.2.10');
const SERVER = destinationOn('10.0.0.11');
const addVip: Operation = { kind: 'add-service', service: VIP, settings: settings() };
const addServer: Operation = { kind: 'add-destination', service: VIP, destination: SERVER };
const deleteServer: Operation = { kind: 'delete-destination', service: VIP, destination: SERVER };
const deleteVip: Operation = { kind: 'delete-service', service: VIP };

describe('LiveTable: a destination that comes back', () => {
  test('is the same object with its connections, at the head, with the new settings', () => {
    const { table, service, destination } = bench();
    const before = destination();
    before.bind();
    before.markActive();
    before.countIn(1, 40);
    const other = destinationOn('10.0.0.12');
    run(table, deleteServer, { kind: 'add-destination', service: VIP, destination: other });
    assert.equal(before.available, false);
    run(table, { ...addServer, destination: { ...SERVER, weight: 5 as Weight, forwarding: 'direct' } });
    assert.equal(service().destinations[0], before);
    assert.deepEqual(
      [before.available, before.weight, before.settings.forwarding, before.activeConnections],
      [true, 5, 'direct', 1],
    );
    assert.equal(before.snapshot().statistics.counters.inBytes, 40n);
  });

  test('in a service that was made anew keeps its connections and starts its statistics again', () => {
    const { table, service, destination } = bench();
    const before = destination();
    before.bind();
    before.countConnection();
    run(table, deleteVip, addVip, addServer);
    assert.equal(destination(), before);
    assert.equal(before.service, service());
    assert.equal(before.inactiveConnections, 1);
    assert.equal(before.snapshot().statistics.counters.connections, 0n);
    before.countConnection();
    assert.equal(service().snapshot().statistics.counters.connections, 1n);
  });

  test('is forgotten after it was idle for long enough', () => {
    const { table, clock, destination } = bench();
    const before = destination();
    run(table, deleteServer);
    for (clock.now = 0; clock.now <= 180_000; clock.now += 1000) table.tick(clock.now);
    run(table, addServer);
    assert.notEqual(destination(), before);
  });

  test('is not asked about its address again', () => {
    const environment = { classify: () => answer, interfaceMtu: () => undefined };
    let answer: 'unicast' | 'other' = 'unicast';
    const { table } = bench({ environment });
    run(table, deleteServer);
    answer = 'other';
    run(table, addServer);
    const other: Operation = { ...addServer, destination: destinationOn('10.0.0.12') };
    assert.throws(() => table.execute(other), { code: 'INVALID_OPERATION', message: /10\.0\.0\.12/ });
  });
});

describe('LiveTable: schedulers', () => {
  test('hear of each change, and of the place of what was deleted', () => {
    const { table, heard } = bench();
    const other = destinationOn('10.0.0.12');
    run(
      table,
      { kind: 'add-destination', service: VIP, destination: other },
      { kind: 'edit-destination', service: VIP, destination: { ...SERVER, weight: 3 as Weight } },
      deleteServer,
    );
    assert.deepEqual(heard, [
      'bind rr',
      'added 10.0.0.11:80 at 0',
      'added 10.0.0.12:80 at 0',
      'edited 10.0.0.11:80 at 1',
      'deleted 10.0.0.11:80 at 1',
    ]);
  });

  test('an edit keeps the scheduler unless it names another', () => {
    const { table, service } = bench();
    const first = service().scheduler;
    const edit = (changes: Parameters<typeof settings>[0]) => {
      run(table, { kind: 'edit-service', service: VIP, settings: settings(changes) });
      return service().scheduler;
    };
    assert.ok(first);
    assert.equal(edit({ persistenceTimeout: 60 as Seconds }), first);
    assert.equal(edit({ schedulerFlags: { flag1: true, flag2: false, flag3: false } }), first);
    assert.notEqual(edit({ scheduler: 'lc' }), first);
    assert.equal(edit({ scheduler: 'none' }), undefined);
    assert.ok(edit({ scheduler: 'rr' }));
  });

  test('read the flags of the moment', () => {
    const { table, service } = bench();
    const schedulerFlags = { flag1: false, flag2: true, flag3: false };
    run(table, { kind: 'edit-service', service: VIP, settings: settings({ schedulerFlags }) });
    assert.deepEqual(service().schedulerFlags, schedulerFlags);
  });

  test('the list is the same array for as long as the service lives', () => {
    const { table, service } = bench();
    const { destinations } = service();
    run(table, deleteServer, addServer, {
      kind: 'edit-service',
      service: VIP,
      settings: settings({ scheduler: 'lc' }),
    });
    assert.equal(service().destinations, destinations);
    run(table, deleteVip);
    assert.deepEqual(destinations, []);
  });

  test('one that goes with its service hears nothing more', () => {
    const { table, heard, destination } = bench();
    const server = destination();
    const before = [...heard];
    run(table, deleteVip);
    assert.deepEqual(heard, before);
    assert.equal(server.available, false);
  });

  test('one that cannot take the service leaves it as it was', () => {
    const refusal = new ViprError('INVALID_OPERATION', 'too many destinations', { hint: 'Remove some.' });
    const refusing: SchedulerDefinition = {
      name: 'mh',
      bind: () => {
        throw refusal;
      },
    };
    const { table, service } = bench({
      schedulers: (name) => (name === 'mh' ? refusing : listener(name, [])),
    });
    const { scheduler } = service();
    const before = table.snapshot();
    const edit: Operation = { kind: 'edit-service', service: VIP, settings: settings({ scheduler: 'mh' }) };
    assert.throws(() => table.execute(edit), refusal);
    assert.deepEqual(table.snapshot(), before);
    assert.equal(service().scheduler, scheduler);
  });
});

describe('LiveTable: observer and guard', () => {
  test('a service whose addition the observer refuses is not added', () => {
    const refusal = new ViprError('ADDRESS_IN_USE', 'busy', { hint: 'Wait.' });
    let refuse = false;
    const serviceAdded = () => {
      if (refuse) throw refusal;
    };
    const { table } = bench({ observer: { serviceAdded } });
    refuse = true;
    const other = serviceOn('192.0.2.11');
    assert.throws(() => table.execute({ ...addVip, service: other }), refusal);
    assert.equal(table.find(serviceKey(other)), undefined);
    refuse = false;
    run(table, { ...addVip, service: other });
    assert.equal(table.services().length, 2);
  });

  test('a destination whose addition the observer refuses is not added, or back in the trash', () => {
    const refusal = new ViprError('ENGINE_FAILED', 'no room', { hint: 'Delete some.' });
    let refuse = false;
    const destinationAdded = () => {
      if (refuse) throw refusal;
    };
    const { table, service, destination } = bench({ observer: { destinationAdded } });
    const server = destination();
    server.bind();
    run(table, deleteServer);
    refuse = true;
    assert.throws(() => table.execute(addServer), refusal);
    assert.throws(() => table.execute({ ...addServer, destination: destinationOn('10.0.0.12') }), refusal);
    assert.deepEqual(service().destinations, []);
    assert.equal(server.available, false);
    refuse = false;
    run(table, addServer);
    assert.equal(destination(), server);
  });

  test('the observer hears of destinations before their service goes', () => {
    const heard: string[] = [];
    const { table } = bench({
      observer: {
        serviceAdded: ({ key }) => heard.push(`+ ${key}`),
        serviceEdited: ({ settings: { scheduler } }, before) =>
          heard.push(`${before.scheduler} -> ${scheduler}`),
        serviceDeleted: ({ key }) => heard.push(`- ${key}`),
        destinationAdded: (_, { key }, revived) => heard.push(`+ ${key} ${revived ? 'revived' : 'new'}`),
        destinationEdited: (_, { weight }, before) => heard.push(`${before.weight} -> ${weight}`),
        destinationDeleted: (_, { key, available }) =>
          heard.push(`- ${key} ${available ? 'available' : 'away'}`),
      },
    });
    run(
      table,
      { kind: 'edit-service', service: VIP, settings: settings({ scheduler: 'lc' }) },
      { kind: 'edit-destination', service: VIP, destination: { ...SERVER, weight: 4 as Weight } },
      deleteServer,
      addServer,
      { kind: 'flush' },
    );
    assert.deepEqual(heard, [
      '+ tcp 192.0.2.10:80',
      '+ 10.0.0.11:80 new',
      'rr -> lc',
      '1 -> 4',
      '- 10.0.0.11:80 away',
      '+ 10.0.0.11:80 revived',
      '- 10.0.0.11:80 away',
      '- tcp 192.0.2.10:80',
    ]);
  });

  test('the guard comes before every other check', () => {
    const refusal = new ViprError('NOT_SUPPORTED_BY_ENGINE', 'no', { hint: 'Use ipvs.' });
    let refuse = false;
    const guard = () => {
      if (refuse) throw refusal;
    };
    const { table } = bench({ guard });
    refuse = true;
    assert.throws(() => table.execute({ kind: 'delete-service', service: serviceOnMark(1) }), refusal);
  });
});

describe('LiveTable: what IPVS takes although it is odd', () => {
  const odd: [string, ServiceId, Parameters<typeof settings>[0]][] = [
    ['port 0 without persistence', serviceOn('192.0.2.10', 0), {}],
    ['one-packet scheduling on TCP', serviceOn('192.0.2.10', 94), { onePacket: true }],
    ['persistence of 0 seconds', serviceOn('192.0.2.10', 92), { persistenceTimeout: 0 as Seconds }],
    [
      'scheduler flags that the scheduler has no use for',
      serviceOn('192.0.2.10', 91),
      {
        schedulerFlags: { flag1: true, flag2: true, flag3: true },
      },
    ],
    ['a netmask with holes', serviceOn('192.0.2.10', 87), { persistenceNetmask: ip('255.0.255.0') }],
    ['the address 0.0.0.0', serviceOn('0.0.0.0', 80), {}],
    ['a persistence engine without a name', serviceOn('192.0.2.10', 83), { persistenceEngine: '' }],
    ['no scheduler', serviceOn('192.0.2.10', 84), { scheduler: 'none' }],
  ];
  for (const [title, service, changes] of odd) {
    test(title, () => {
      const { table } = bench();
      run(table, { kind: 'add-service', service, settings: settings(changes) });
      assert.ok(table.find(serviceKey(service)));
    });
  }

  test('a GRE tunnel on a masquerade destination', () => {
    const { table, service } = bench();
    const tunnel = { type: 'gre', port: 0 as Port, checksum: 'none' } as const;
    run(table, { kind: 'edit-destination', service: VIP, destination: { ...SERVER, tunnel } });
    assert.deepEqual(service().snapshot().destinations[0]?.tunnel, tunnel);
  });
});

describe('LiveTable: statistics', () => {
  test('rates follow the clock in periods of two seconds', () => {
    const { table, clock, destination, service } = bench();
    for (let n = 0; n < 100; n++) destination().countConnection();
    const rate = () => service().snapshot().statistics.rates.connections;
    const seen: bigint[] = [];
    for (clock.now = 0; clock.now <= 8000; clock.now += 500) {
      table.tick(clock.now);
      if (seen.at(-1) !== rate()) seen.push(rate());
    }
    assert.deepEqual(seen, [0n, 12n, 9n, 7n, 5n]);
    assert.equal(destination().snapshot().statistics.rates.connections, 5n);
  });

  test('a clock that leapt ahead makes one visit', () => {
    const { table, destination } = bench();
    for (let n = 0; n < 100; n++) destination().countConnection();
    table.tick(60_000);
    table.tick(60_001);
    assert.equal(destination().snapshot().statistics.rates.connections, 12n);
  });

  test('zero starts a service and its destinations again, or all of them', () => {
    const { table, destination, service } = bench();
    const other = serviceOn('192.0.2.11');
    run(table, { ...addVip, service: other }, { ...addServer, service: other });
    const connections = () =>
      table
        .snapshot()
        .services.map(({ statistics, destinations: [first] }) => [
          statistics.counters.connections,
          first?.statistics.counters.connections,
        ]);
    destination().countConnection();
    table.find(serviceKey(other))?.destinations[0]?.countConnection();
    table.tick(2000);
    assert.deepEqual(connections(), [
      [1n, 1n],
      [1n, 1n],
    ]);
    run(table, { kind: 'zero', service: VIP });
    assert.deepEqual(connections(), [
      [1n, 1n],
      [0n, 0n],
    ]);
    for (let n = 0; n < 100; n++) destination().countConnection();
    table.tick(4000);
    assert.equal(service().snapshot().statistics.rates.connections, 12n);
    run(table, { kind: 'zero' });
    assert.deepEqual(connections(), [
      [0n, 0n],
      [0n, 0n],
    ]);
    assert.equal(service().snapshot().statistics.rates.connections, 0n);
  });
});

function bench(changes: Partial<LiveTableModules> = {}) {
  const clock = { now: 0 };
  const heard: string[] = [];
  const table = new LiveTable({
    environment: new HostEnvironment(),
    schedulers: (name) => (['rr', 'lc'].includes(name) ? listener(name, heard) : undefined),
    modules: { now: () => clock.now, random: () => 0 },
    ...changes,
  });
  run(table, addVip, addServer);
  const service = (): LiveService => {
    const found = table.find(serviceKey(VIP));
    assert.ok(found);
    return found;
  };
  const destination = (): LiveDestination => {
    const [first] = service().destinations;
    assert.ok(first);
    return first;
  };
  return { table, clock, heard, service, destination };
}

function listener(name: string, heard: string[]): SchedulerDefinition {
  return {
    name,
    bind: () => {
      heard.push(`bind ${name}`);
      return {
        schedule: () => undefined,
        destinationChanged: (change, { address, port }, position) =>
          heard.push(`${change} ${address}:${port} at ${position}`),
      };
    },
  };
}

function run(table: LiveTable, ...operations: Operation[]): void {
  for (const operation of operations) table.execute(operation);
}
