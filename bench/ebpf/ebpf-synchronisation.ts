import assert from 'node:assert/strict';
import { learnJiffies, readKernelClock } from '../../src/engines/ebpf/jiffies.ts';
import { SettingsMap } from '../../src/engines/ebpf/lifecycle/settings-map.ts';
import { EbpfSyncTable } from '../../src/engines/ebpf/sync/ebpf-sync-table.ts';
import { EbpfTable } from '../../src/engines/ebpf/table/ebpf-table.ts';
import { engineMaps } from '../../src/engines/ebpf/table/engine-maps.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import { addressFromBytes, type Family, type IpAddress } from '../../src/model/address.ts';
import { IPIP_TUNNEL } from '../../src/model/destination.ts';
import type { Operation } from '../../src/model/operation.ts';
import { NO_SCHEDULER_FLAGS, type ServiceId } from '../../src/model/service.ts';
import type { Port, PrefixLength, Weight } from '../../src/model/unit.ts';
import type { SyncRecord } from '../../src/sync/message/sync-record.ts';
import type { BpfMap } from '../../src/system/bpf/bpf-map.ts';
import type { Benchmark, Measurement } from '../benchmark.ts';
import { loadDataPlane } from './data-plane-object.ts';
import { measurementOf } from './measurement-of.ts';
import { requireMachine } from './require-machine.ts';

const CONNECTIONS = 200_000;
const DESTINATIONS = 10_000;
/** Not measured. */
const FIRST = 20_000;
const ROUNDS = 3;
/** Records a second that a backup is to take. */
const TARGET = 100_000;

export const ebpfSynchronisation: Benchmark = {
  name: 'ebpf-synchronisation',
  description: `How fast the eBPF engine takes and gives connections of other directors, with ${DESTINATIONS.toLocaleString('en')} destinations in a service.`,
  async run() {
    requireMachine();
    const measurements: Measurement[] = [];
    for (const family of ['inet', 'inet6'] as const) measurements.push(...(await measure(family)));
    return measurements;
  },
};

async function measure(family: Family): Promise<readonly Measurement[]> {
  const plane = loadDataPlane({
    programs: ['vipr_clock', 'vipr_sync_put'],
    families: [family === 'inet' ? '4' : '6'],
  });
  const opened: BpfMap[] = [];
  const open = (name: string): BpfMap => {
    const map = plane.map(name).open();
    opened.push(map);
    return map;
  };
  try {
    const maps = engineMaps(open);
    const settings = new SettingsMap(maps.settings);
    const clock = await learnJiffies(() => readKernelClock(plane.program('vipr_clock')));
    const table = new EbpfTable({
      maps,
      settings,
      clock,
      dataPlane: { destinationAdded: () => undefined, destinationRemoved: () => undefined },
      environment: new HostEnvironment(),
      now: () => performance.now(),
      unprivilegedPortStart: 1024,
    });
    const outcomes = table.execute(operationsFor(family));
    assert.deepEqual(
      outcomes.filter((outcome) => outcome !== undefined),
      [],
    );
    const dataPlane = {
      events: open('sync_events'),
      totals: open('totals'),
      put: plane.program('vipr_sync_put'),
    };
    const sync = new EbpfSyncTable({
      maps,
      settings,
      clock,
      dataPlane,
      slots: table.slots,
      unprivilegedPortStart: 1024,
      warn: (text) => {
        throw new Error(text);
      },
    });
    try {
      return [...measurePuts(family, sync), await measureWhole(family, sync)];
    } finally {
      sync.close();
      table.close();
    }
  } finally {
    for (const map of opened) map.close();
    plane.close();
  }
}

function measurePuts(family: Family, sync: EbpfSyncTable): readonly Measurement[] {
  const records = Array.from({ length: CONNECTIONS }, (_, index) => recordOf(family, index));
  const put = (some: readonly SyncRecord[], expected: string): number => {
    const start = performance.now();
    for (const record of some) assert.equal(sync.put(record), expected);
    return (1000 * some.length) / (performance.now() - start);
  };
  // Compiled by then.
  put(records.slice(0, FIRST), 'added');
  const added = put(records.slice(FIRST), 'added');
  const updates = Array.from({ length: ROUNDS }, () => put(records, 'updated'));
  const target = (value: number) => ({ to: `the target of ${TARGET}`, value: value / TARGET, target: 1 });
  return [
    measurementOf(`${family}: connections added`, 'records/s', [added], { ratio: target(added) }),
    measurementOf(`${family}: connections brought up to date`, 'records/s', updates),
  ];
}

/** As a backup that starts is given it, without the network. */
async function measureWhole(family: Family, sync: EbpfSyncTable): Promise<Measurement> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let count = 0;
    for await (const page of sync.records()) count += page.length;
    assert.equal(count, CONNECTIONS);
    rates.push((1000 * CONNECTIONS) / (performance.now() - start));
  }
  return measurementOf(`${family}: the whole table read`, 'records/s', rates);
}

function operationsFor(family: Family): readonly Operation[] {
  const service: ServiceId = {
    kind: 'address',
    protocol: 'tcp',
    address: virtualAddress(family),
    port: 80 as Port,
  };
  const settings = {
    scheduler: 'rr',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: family === 'inet' ? ('255.255.255.255' as IpAddress) : (128 as PrefixLength),
    onePacket: false,
  };
  const destinations = Array.from({ length: DESTINATIONS }, (_, index): Operation => {
    const destination = {
      address: addressOf(family, 10, index),
      port: 80 as Port,
      forwarding: 'masquerade',
      weight: 1 as Weight,
      upperThreshold: 0,
      lowerThreshold: 0,
      tunnel: IPIP_TUNNEL,
    } as const;
    return { kind: 'add-destination', service, destination };
  });
  return [{ kind: 'add-service', service, settings }, ...destinations];
}

function recordOf(family: Family, index: number): SyncRecord {
  return {
    protocol: 6,
    clientAddress: addressOf(family, 100, index),
    clientPort: 1024 + (index % 60_000),
    virtualAddress: virtualAddress(family),
    virtualPort: 80,
    destinationAddress: addressOf(family, 10, index % DESTINATIONS),
    destinationPort: 80,
    fwmark: 0,
    flags: 0,
    state: 1,
    timeout: 900,
  };
}

function virtualAddress(family: Family): IpAddress {
  return (family === 'inet' ? '192.0.2.10' : '2001:db8::10') as IpAddress;
}

/** The `index`-th of a network: 10.0.0.0/8 or fd0a::/16 for 10. */
function addressOf(family: Family, network: number, index: number): IpAddress {
  const bytes = new Uint8Array(family === 'inet' ? 4 : 16);
  if (family === 'inet') bytes[0] = network;
  else bytes.set([0xfd, network]);
  const view = new DataView(bytes.buffer);
  view.setUint16(bytes.length - 2, index & 0xffff);
  bytes[bytes.length - 3] = index >> 16;
  return addressFromBytes(bytes);
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfSynchronisation.description);
  process.stdout.write(formatMeasurements(await ebpfSynchronisation.run()));
}
