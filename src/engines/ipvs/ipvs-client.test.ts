import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, ip, serviceOn, serviceOnMark, settings } from '../../../test/engine/sample-table.ts';
import type { Destination } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import type { Port, PrefixLength, Seconds, Weight } from '../../model/unit.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import { HostEnvironment } from '../table/environment.ts';
import { FakeIpvs } from './fake/fake-ipvs.ts';
import { toViprError } from './ipvs-error.ts';
import { openIpvs } from './open-ipvs-engine.ts';

const environment = new HostEnvironment({ interfaces: new Map([['eth9', 1500]]) });
const WEB = serviceOn('192.0.2.10');
const SERVER = destinationOn('10.0.0.11');

describe('IpvsClient', () => {
  test('does what each of its functions says', async () => {
    const { client } = await bench();
    assert.deepEqual(await client.info(), { version: '1.2.1', connectionTableSize: 4096 });
    const dns = serviceOn('2001:db8::10', 53, 'udp');
    const sip = settings({
      scheduler: 'mh',
      schedulerFlags: { flag1: true, flag2: false, flag3: true },
      persistenceTimeout: 60 as Seconds,
      persistenceNetmask: 64 as PrefixLength,
      persistenceEngine: 'sip',
      onePacket: true,
    });
    await client.addService(WEB, settings());
    await client.addService(dns, sip);
    await client.addService(serviceOnMark(0xffffffff), settings({ scheduler: 'none' }));
    assert.deepEqual(
      (await client.services()).map(({ id }) => id),
      [dns, WEB, serviceOnMark(0xffffffff)],
    );
    const { statistics: _, ...found } = (await client.service(dns)) ?? assert.fail();
    assert.deepEqual(found, { id: dns, ...sip });
    assert.equal(await client.service(serviceOn('192.0.2.11')), undefined);

    const tunnel: Destination = {
      ...destinationOn('fd00::11', { port: 8080 as Port }),
      forwarding: 'tunnel',
      weight: 2147483647 as Weight,
      upperThreshold: 4294967295,
      lowerThreshold: 7,
      tunnel: { type: 'gue', port: 6080 as Port, checksum: 'remote' },
    };
    await client.addDestination(WEB, SERVER);
    await client.addDestination(WEB, tunnel);
    const [newest] = await client.destinations(WEB);
    assert.deepEqual({ ...newest, ...tunnel }, newest);
    await client.editDestination(WEB, { ...SERVER, weight: 0 as Weight });
    await client.deleteDestination(WEB, tunnel);
    assert.deepEqual(
      (await client.destinations(WEB)).map(({ address, weight }) => [address, weight]),
      [['10.0.0.11', 0]],
    );
    assert.deepEqual(await client.destinations(serviceOn('192.0.2.11')), []);

    await client.editService(dns, settings({ persistenceNetmask: 128 as PrefixLength }));
    assert.equal((await client.service(dns))?.persistenceTimeout, undefined);
    await client.deleteService(dns);
    assert.equal((await client.services()).length, 2);

    await client.setTimeouts({ udp: 31 as Seconds });
    assert.deepEqual(await client.timeouts(), { tcp: 900, tcpfin: 120, udp: 31 });
    await client.startDaemon({ role: 'master', interface: 'eth9', syncId: 255, ttl: 7 });
    assert.deepEqual(
      (await client.daemons()).map(({ role, ttl }) => [role, ttl]),
      [['master', 7]],
    );
    await client.stopDaemon('master');
    assert.deepEqual(await client.daemons(), []);
    await client.zero(WEB);
    await client.zero();
    await client.flush();
    assert.deepEqual((await client.snapshot()).services, []);
  });

  test('counts in 64 bits', async () => {
    const { client, fake } = await bench();
    await client.addService(WEB, settings());
    await client.addDestination(WEB, SERVER);
    const [live] = fake.table.services()[0]?.destinations ?? [];
    assert.ok(live);
    live.countConnection();
    live.countIn(5_000_000_000, 2 ** 52);
    live.countOut(4294967296, 1);
    live.bind();
    live.markActive();
    live.bindTemplate();
    const counters = {
      connections: 1n,
      inPackets: 5_000_000_000n,
      outPackets: 4294967296n,
      inBytes: 2n ** 52n,
      outBytes: 1n,
    };
    const [service] = (await client.snapshot()).services;
    assert.deepEqual(service?.statistics.counters, counters);
    const [destination] = service?.destinations ?? [];
    assert.deepEqual(destination?.statistics.counters, counters);
    const { activeConnections, inactiveConnections, persistentConnections } = destination ?? {};
    assert.deepEqual([activeConnections, inactiveConnections, persistentConnections], [1, 0, 1]);
  });

  test('sends a batch in few datagrams and keeps its order', async () => {
    const { client, fake } = await bench();
    const before = fake.kernel.received.length;
    const operations: Operation[] = [];
    for (let n = 0; n < 500; n++) {
      const service = serviceOn(`192.0.${n >> 8}.${n & 255}`);
      operations.push({ kind: 'add-service', service, settings: settings() });
      operations.push({ kind: 'add-destination', service, destination: SERVER });
    }
    assert.ok((await client.execute(operations)).every((outcome) => outcome === undefined));
    assert.equal(fake.kernel.received.length - before, Math.ceil(1000 / 128));
    const snapshot = await client.snapshot();
    assert.equal(snapshot.services.length, 500);
    assert.ok(snapshot.services.every(({ destinations }) => destinations.length === 1));
  });

  test('lists again what changed meanwhile, and tells no service twice', async () => {
    const { client, fake } = await bench();
    await client.addService(WEB, settings());
    await client.addDestination(WEB, SERVER);
    fake.kernel.faults.interruptLists = 2;
    const { services } = await client.snapshot();
    assert.deepEqual([services.length, services[0]?.destinations.length], [1, 1]);
    fake.kernel.faults.repeat = 1;
    assert.equal((await client.services()).length, 1);
  });

  test('a number without a form on the wire is refused as the kernel refuses one with', async () => {
    const { client } = await bench();
    await client.addService(WEB, settings());
    const [weight, threshold, timeout, port, good] = await client.execute([
      { kind: 'add-destination', service: WEB, destination: { ...SERVER, weight: (2 ** 31) as Weight } },
      { kind: 'add-destination', service: WEB, destination: { ...SERVER, upperThreshold: 2 ** 32 } },
      {
        kind: 'set-timeouts',
        timeouts: { tcp: (2 ** 31) as Seconds, tcpfin: 0 as Seconds, udp: 0 as Seconds },
      },
      { kind: 'add-destination', service: WEB, destination: { ...SERVER, port: 65536 as Port } },
      { kind: 'add-destination', service: WEB, destination: SERVER },
    ]);
    assert.deepEqual(
      [weight, threshold, timeout, port, good].map((outcome) => outcome?.code),
      ['OUT_OF_RANGE', 'OUT_OF_RANGE', 'INVALID_OPERATION', 'OUT_OF_RANGE', undefined],
    );
    assert.match(weight?.message ?? '', /2147483648 is no whole number/);
  });

  test('closed', async () => {
    const { client, fake } = await bench();
    client.close();
    await assert.rejects(client.services(), { name: 'ViprError', code: 'ENGINE_FAILED' });
    assert.equal(fake.kernel.openSockets, 0);
  });
});

describe('errors of the kernel as ViprErrors', () => {
  const addService: Operation = { kind: 'add-service', service: WEB, settings: settings() };
  const addSip: Operation = { ...addService, settings: settings({ persistenceEngine: 'nosuch' }) };
  const addNone: Operation = {
    ...addService,
    settings: settings({ scheduler: 'nosuch', persistenceEngine: 'x' }),
  };
  const add: Operation = { kind: 'add-destination', service: WEB, destination: SERVER };
  const addOther: Operation = {
    ...add,
    destination: { ...SERVER, address: ip('fd00::11'), forwarding: 'tunnel' },
  };
  const remove: Operation = { kind: 'delete-destination', service: WEB, destination: SERVER };
  const start: Operation = { kind: 'start-daemon', daemon: { role: 'backup', interface: 'eth9', syncId: 0 } };
  const stop: Operation = { kind: 'stop-daemon', role: 'backup' };
  const cases: readonly [Operation | undefined, number, string, RegExp][] = [
    [addService, 17, 'SERVICE_EXISTS', /exists already/],
    [addService, 2, 'SCHEDULER_NOT_FOUND', /scheduler 'rr'/],
    [addSip, 2, 'PERSISTENCE_ENGINE_NOT_FOUND', /'nosuch'/],
    [addNone, 2, 'SCHEDULER_NOT_FOUND', /'nosuch'/],
    [addService, 22, 'INVALID_OPERATION', /takes no service/],
    [addService, 97, 'FAMILY_NOT_SUPPORTED', /address family/],
    [addService, 92, 'SYSTEM_CALL_FAILED', /ENOPROTOOPT/],
    [addService, 1, 'PERMISSION_DENIED', /administrators/],
    [{ ...addService, kind: 'edit-service' }, 3, 'SERVICE_NOT_FOUND', /no such service/],
    [{ kind: 'delete-service', service: WEB }, 3, 'SERVICE_NOT_FOUND', /tcp 192.0.2.10:80/],
    [{ kind: 'zero', service: WEB }, 3, 'SERVICE_NOT_FOUND', /tcp 192.0.2.10:80/],
    [{ kind: 'zero' }, 3, 'SYSTEM_CALL_FAILED', /ESRCH/],
    [{ kind: 'flush' }, 12, 'SYSTEM_CALL_FAILED', /ENOMEM/],
    [add, 17, 'DESTINATION_EXISTS', /10.0.0.11:80/],
    [add, 3, 'SERVICE_NOT_FOUND', /tcp 192.0.2.10:80/],
    [add, 22, 'INVALID_OPERATION', /not the address of one host/],
    [addOther, 22, 'INVALID_OPERATION', /synchronisation/],
    [{ ...add, kind: 'edit-destination' }, 2, 'DESTINATION_NOT_FOUND', /10.0.0.11:80/],
    [remove, 2, 'DESTINATION_NOT_FOUND', /10.0.0.11:80/],
    [remove, 3, 'SERVICE_NOT_FOUND', /tcp 192.0.2.10:80/],
    [start, 17, 'DAEMON_RUNNING', /backup/],
    [start, 19, 'INTERFACE_NOT_FOUND', /eth9/],
    [start, 22, 'INVALID_OPERATION', /daemon/],
    [start, 101, 'SYSTEM_CALL_FAILED', /multicast group by interface 'eth9'/],
    [stop, 3, 'DAEMON_NOT_RUNNING', /backup/],
    [undefined, 1, 'PERMISSION_DENIED', /administrators/],
  ];
  for (const [operation, errno, code, message] of cases) {
    test(`${operation?.kind ?? 'a list'} with errno ${errno} is ${code}`, () => {
      const cause = new NetlinkError('refused', 'E', {
        errno,
        request: 'IPVS_CMD',
        kernelMessage: 'its words',
      });
      const named = new NetlinkError('refused', cause.code, { errno, kernelMessage: 'its words' });
      const error = toViprError(named, operation);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.ok(error.hint);
      assert.equal(error.errno, named.code);
      assert.equal(error.cause, named);
    });
  }

  test('the words of the kernel stay', () => {
    const refusal = new NetlinkError('refused', 'no', { errno: 17, kernelMessage: 'its words' });
    assert.match(toViprError(refusal, addService).message, /\(kernel: its words\)$/);
  });

  test('failures of the connection', () => {
    const kinds = {
      overrun: 'ENGINE_FAILED',
      interrupted: 'ENGINE_FAILED',
      timeout: 'ENGINE_FAILED',
    } as const;
    for (const [kind, code] of Object.entries({
      ...kinds,
      malformed: 'ENGINE_FAILED',
      closed: 'ENGINE_FAILED',
    })) {
      const error = toViprError(new NetlinkError(kind as 'overrun', 'what'), addService);
      assert.deepEqual([error.code, error.message, error.errno], [code, 'what', undefined]);
      assert.ok(error.hint);
    }
    const denied = new NetlinkError('system-call', 'send', { errno: 1 });
    assert.equal(toViprError(denied).code, 'PERMISSION_DENIED');
    const failed = toViprError(new NetlinkError('system-call', 'send', { errno: 105 }));
    assert.deepEqual([failed.code, failed.errno], ['SYSTEM_CALL_FAILED', 'ENOBUFS']);
  });

  test('what is no such error is thrown on', () => {
    assert.throws(() => toViprError(new TypeError('a defect')), TypeError);
    const given = new ViprError('USAGE', 'given');
    assert.equal(toViprError(given), given);
  });
});

async function bench() {
  const fake = new FakeIpvs({ environment });
  return { fake, client: await openIpvs(fake.modules) };
}
