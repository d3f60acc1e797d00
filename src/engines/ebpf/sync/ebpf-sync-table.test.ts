import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { whyNoEbpfMaps } from '../../../../test/engine/ebpf-maps.ts';
import { EbpfTableBench } from '../../../../test/engine/ebpf-table-bench.ts';
import {
  destinationOn,
  HOST_PREFIX,
  ip,
  serviceOn,
  serviceOnMark,
  settings,
} from '../../../../test/engine/sample-table.ts';
import type { ConnectionEntry } from '../../../model/connection.ts';
import type { Destination } from '../../../model/destination.ts';
import { type ServiceId, serviceFamily } from '../../../model/service.ts';
import type { Port } from '../../../model/unit.ts';
import type { SyncRecord } from '../../../sync/message/sync-record.ts';
import * as layout from '../layout.gen.ts';
import { EbpfSyncTable, type SyncDataPlane } from './ebpf-sync-table.ts';
import { isTold } from './told-entry.ts';

const WEB = serviceOn('192.0.2.10');
const WEB6 = serviceOn('2001:db8::10');
const MARK = serviceOnMark(6);
const MARK6 = serviceOnMark(6, 'inet6');
const TEMPLATE = 0x1100;
const skip = whyNoEbpfMaps() ?? false;

describe('the connection tables of the data plane, as synchronisation sees them', { skip }, () => {
  it('take what is told, and tell it again', async () => {
    await using bench = await SyncBench.open();
    bench.add(WEB, destinationOn('10.0.0.11'), destinationOn('10.0.0.12', { forwarding: 'direct' }));
    bench.add(WEB6, destinationOn('fd02::11', { forwarding: 'tunnel' }));
    bench.add(serviceOn('192.0.2.10', 53, 'udp'), destinationOn('10.0.0.11', { port: 53 as Port }));
    bench.add(MARK, destinationOn('10.0.0.11', { port: 0 as Port }));
    bench.add(MARK6, destinationOn('fd02::11', { port: 0 as Port, forwarding: 'tunnel' }));
    const inet6 = {
      clientAddress: ip('2001:db8:1::1'),
      virtualAddress: ip('2001:db8::10'),
      destinationAddress: ip('fd02::11'),
    };
    const template = { clientPort: 0, flags: TEMPLATE, state: 1, timeout: 360 };
    const ofMark = { ...template, protocol: 0, virtualPort: 0, destinationPort: 0, fwmark: 6 };
    const records = [
      record({}),
      record({ clientPort: 2, destinationAddress: ip('10.0.0.12'), flags: 0x83 }),
      record({ clientPort: 3, flags: 0x100, state: 4, timeout: 120 }),
      record({
        clientPort: 4,
        protocol: 17,
        virtualPort: 53,
        destinationPort: 53,
        flags: 0x100,
        state: 0,
        timeout: 300,
      }),
      record({ clientPort: 5, fwmark: 6, virtualPort: 443, destinationPort: 443 }),
      record({ ...inet6, flags: 0x82 }),
      record({ ...template, clientAddress: ip('203.0.113.0') }),
      record({ ...template, clientAddress: ip('203.0.112.0'), state: 0 }),
      record({ ...ofMark, virtualAddress: ip('0.0.0.6') }),
      record({ ...inet6, ...ofMark, flags: TEMPLATE | 2, virtualAddress: ip('0:6::') }),
    ];
    for (const each of records) assert.equal(bench.sync.put(each), 'added', JSON.stringify(each));
    for (const each of records) assert.equal(bench.sync.put(each), 'updated', JSON.stringify(each));
    const pages = await Array.fromAsync(bench.sync.records());
    const text = (each: SyncRecord) => JSON.stringify(Object.entries(each).toSorted());
    assert.deepEqual(pages.flat().map(text).toSorted(), records.map(text).toSorted());
    const listed = bench.connections();
    assert.equal(listed.length, records.length);
    assert.ok(
      listed.some(({ virtualAddress }) => typeof virtualAddress === 'object' && virtualAddress.fwmark === 6),
    );
    assert.deepEqual(bench.counts(WEB), [
      { address: '10.0.0.12', active: 1, inactive: 0, persistent: 0 },
      { address: '10.0.0.11', active: 1, inactive: 1, persistent: 2 },
    ]);
  });

  it('have the method of the destination here, and the timeouts of here where none is told', async () => {
    await using bench = await SyncBench.open();
    bench.add(WEB, destinationOn('10.0.0.11', { forwarding: 'direct' }));
    assert.equal(bench.sync.put(record({ flags: 0, timeout: 0 })), 'added');
    assert.equal(bench.sync.put(record({ clientPort: 0, flags: TEMPLATE, state: 0, timeout: 0 })), 'added');
    bench.table.done({ kind: 'set-timeouts', timeouts: { tcp: 77, tcpfin: 0, udp: 0 } as never });
    bench.sync.tableChanged();
    assert.equal(bench.sync.put(record({ clientPort: 2, timeout: 0 })), 'added');
    const records = (await Array.fromAsync(bench.sync.records())).flat();
    assert.deepEqual(records.map(({ flags, timeout }) => [flags, timeout]).toSorted(), [
      [3, 77],
      [3, 900],
      [TEMPLATE | 3, 180],
    ]);
  });

  it('move what leads elsewhere now, unless it is over', async () => {
    await using bench = await SyncBench.open();
    bench.add(WEB, destinationOn('10.0.0.11'), destinationOn('10.0.0.12'));
    const elsewhere = { destinationAddress: ip('10.0.0.12') };
    assert.equal(bench.sync.put(record({})), 'added');
    assert.equal(bench.sync.put(record({ ...elsewhere, flags: 0x100, state: 6 })), 'kept');
    assert.equal(bench.sync.put(record(elsewhere)), 'moved');
    assert.deepEqual(
      bench.connections().map(({ destinationAddress }) => destinationAddress),
      ['10.0.0.12'],
    );
    assert.deepEqual(
      bench.counts(WEB).map(({ active, inactive }) => [active, inactive]),
      [
        [1, 0],
        [0, 0],
      ],
    );
  });

  it('do not take what they have no place for', async () => {
    await using bench = await SyncBench.open();
    bench.add(WEB, destinationOn('10.0.0.11'));
    assert.equal(bench.sync.put(record({ virtualPort: 81 })), 'no-service');
    assert.equal(bench.sync.put(record({ destinationAddress: ip('10.0.0.13') })), 'no-destination');
    for (const changes of [
      { protocol: 50 },
      { state: 11 },
      { protocol: 17, state: 1 },
      { protocol: 132, state: 14 },
      { flags: TEMPLATE, state: 2 },
      { flags: 0x800, clientPort: 0 },
      { flags: TEMPLATE, state: 0, persistence: { engine: 'sip', data: new Uint8Array([1]) } },
    ])
      assert.equal(bench.sync.put(record(changes)), 'unsupported', JSON.stringify(changes));
    assert.deepEqual(bench.connections(), []);
  });

  it('tell of a whole table what IPVS tells, and nothing once they are closed', async () => {
    await using bench = await SyncBench.open();
    bench.add(WEB, destinationOn('10.0.0.11'));
    for (let state = 0; state < layout.TCP_STATES; state++) {
      bench.sync.put(record({ clientPort: 1 + state, state, flags: 0x100, timeout: 500 }));
    }
    const states = async () =>
      (await Array.fromAsync(bench.sync.records()))
        .flat()
        .map(({ state }) => state)
        .toSorted();
    assert.deepEqual(await states(), [1, 4, 5, 6, 7]);
    bench.sync.close();
    assert.deepEqual(await states(), []);
  });

  it('have no room where the kernel does not run the program, which is warned of once', async () => {
    await using bench = await SyncBench.open({ put: { fd: -1 } });
    bench.add(WEB, destinationOn('10.0.0.11'));
    assert.deepEqual(
      [1, 2].map((clientPort) => bench.sync.put(record({ clientPort }))),
      ['table-full', 'table-full'],
    );
    assert.equal(bench.warnings.length, 1);
    assert.match(bench.warnings[0] ?? '', /^connections of other directors cannot be taken: .*EBADF/);
  });
});

it('connections of templates are not told where sync_persist_mode is set', () => {
  const word = { template: layout.CONNECTION_TEMPLATE, established: 1, opening: 3 };
  const told = (given: number, link: number) =>
    [false, true].map((templatesOnly) => isTold(6, { word: given, link }, templatesOnly));
  assert.deepEqual(told(word.template, layout.LINK_NONE), [true, true]);
  assert.deepEqual(told(word.established, layout.LINK_PORT), [true, false]);
  assert.deepEqual(told(word.established, layout.LINK_NONE), [true, true]);
  assert.deepEqual(told(word.opening, layout.LINK_NONE), [false, false]);
});

/** A table with its synchronisation, on maps of its own. */
class SyncBench {
  readonly table: EbpfTableBench;
  readonly sync: EbpfSyncTable;

  readonly warnings: string[] = [];

  private constructor(table: EbpfTableBench, changed: Partial<SyncDataPlane>) {
    this.table = table;
    const { syncDataPlane, ...opened } = table.opened;
    this.sync = new EbpfSyncTable({
      ...opened,
      warn: (text) => this.warnings.push(text),
      dataPlane: { ...syncDataPlane, ...changed },
      slots: table.table.slots,
      unprivilegedPortStart: 1024,
    });
  }

  static async open(changed: Partial<SyncDataPlane> = {}): Promise<SyncBench> {
    return new SyncBench(await EbpfTableBench.open(), changed);
  }

  add(service: ServiceId, ...destinations: readonly Destination[]): void {
    const inet6 = serviceFamily(service) === 'inet6';
    const given = settings(inet6 ? { persistenceNetmask: HOST_PREFIX } : {});
    this.table.done(
      { kind: 'add-service', service, settings: given },
      ...destinations.map((destination) => ({ kind: 'add-destination', service, destination }) as const),
    );
    this.sync.tableChanged();
  }

  connections(): readonly ConnectionEntry[] {
    return [...this.table.table.connections()].flat();
  }

  counts(service: ServiceId) {
    return (this.table.table.service(service)?.destinations ?? []).map((each) => ({
      address: each.address,
      active: each.activeConnections,
      inactive: each.inactiveConnections,
      persistent: each.persistentConnections,
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sync.close();
    this.table.close();
  }
}

function record(changes: Partial<SyncRecord>): SyncRecord {
  return {
    protocol: 6,
    clientAddress: ip('203.0.113.1'),
    clientPort: 1,
    virtualAddress: ip('192.0.2.10'),
    virtualPort: 80,
    destinationAddress: ip('10.0.0.11'),
    destinationPort: 80,
    fwmark: 0,
    flags: 0,
    state: 1,
    timeout: 900,
    ...changes,
  };
}
