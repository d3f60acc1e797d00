import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TOTAL_DROP_ENTRY, TOTAL_TABLE_FULL } from '../../src/engines/ebpf/layout.gen.ts';
import { EbpfLab, type EbpfLabOptions } from '../../test/netns/ebpf/fixture/ebpf-lab.ts';
import { serverAddress } from '../../test/netns/lab/address.ts';
import { labUnavailable } from '../../test/netns/lab/lab-unavailable.ts';
import { curl } from '../../test/netns/peer/curl.ts';
import { startNginx } from '../../test/netns/peer/nginx.ts';
import { type Benchmark, BenchmarkUnavailable, type Measurement } from '../benchmark.ts';
import { type Experience, goodClients } from './load/good-clients.ts';
import { floodWithSyns, prepareSynFlood } from './load/syn-flood.ts';
import { TableWatch } from './load/table-watch.ts';
import { measurementOf } from './measurement-of.ts';
import { requireMachine } from './require-machine.ts';

const VIP = '192.0.2.10';
const URL = `http://${VIP}/`;
const PORT = 80;
const SERVERS = 3;
const CALM_SECONDS = 3;
const LOOK_MS = 500;
const FLOOD = { packets: 1_000_000, packetsPerSecond: 100_000, seconds: 10 };
const SMALL_TABLE = 8192;
const SMALL_FLOOD = { packets: 200_000, packetsPerSecond: 50_000, seconds: 6 };
const DEATH = { seconds: 5, diesAfter: 1500, noticedAfter: 500, patience: 5000 };

export const ebpfLoad: Benchmark = {
  name: 'ebpf-load',
  description:
    'Clients of the eBPF engine (tc, NAT, three servers) while it is flooded with a million SYNs, while its table is full, and while a server dies.',
  async run() {
    requireMachine('nginx', 'wrk', 'curl');
    const missing = labUnavailable();
    if (missing !== undefined) throw new BenchmarkUnavailable(missing);
    return [...(await synFlood()), ...(await fullTable()), ...(await deadServer())];
  },
};

async function synFlood(): Promise<readonly Measurement[]> {
  return withLab({ connections: 1_048_576 }, async (ebpf, watch) => {
    const calm = await goodClients(ebpf.lab.client, URL, CALM_SECONDS);
    const fill: number[] = [];
    const looking = setInterval(() => fill.push(watch.entries()), LOOK_MS);
    const [flooded] = await Promise.all([
      goodClients(ebpf.lab.client, URL, FLOOD.seconds),
      floodWithSyns(ebpf.lab, { address: VIP, port: PORT, ...FLOOD }),
    ]).finally(() => clearInterval(looking));
    const peak = Math.max(...fill);
    assert.ok(peak > 0.5 * FLOOD.packets, `only ${peak} connections came of ${FLOOD.packets} SYNs`);
    return [
      ...experience('before the flood', calm),
      ...experience('a million SYNs', flooded, calm),
      measurementOf('table at its fullest', 'thousand entries', [peak / 1000], {
        note: `every ${LOOK_MS} ms: ${inThousands(fill)}`,
      }),
    ];
  });
}

async function fullTable(): Promise<readonly Measurement[]> {
  return withLab({ connections: SMALL_TABLE }, async (ebpf, watch) => {
    const fill: number[] = [];
    const looking = setInterval(() => fill.push(watch.entries()), LOOK_MS);
    const [flooded] = await Promise.all([
      goodClients(ebpf.lab.client, URL, SMALL_FLOOD.seconds),
      floodWithSyns(ebpf.lab, { address: VIP, port: PORT, ...SMALL_FLOOD }),
    ]).finally(() => clearInterval(looking));
    const refused = watch.total(TOTAL_TABLE_FULL);
    assert.notEqual(refused, 0, 'the table was never full');
    const start = performance.now();
    await curl(ebpf.lab.client, URL, { limitSeconds: 20 });
    const recovered = performance.now() - start;
    const note = `${refused} packets dropped as it was full, ${watch.total(TOTAL_DROP_ENTRY)} half-open entries removed early; in thousands: ${inThousands(fill)}`;
    return [
      ...experience(`a full table of ${SMALL_TABLE.toLocaleString('en')}`, flooded),
      measurementOf('an answer right after it', 'ms', [recovered], { note }),
    ];
  });
}

/** One of three servers falls silent; half a second later it is deleted, and its connections are to be gone. */
async function deadServer(): Promise<readonly Measurement[]> {
  const settings = ['sysctl:', '  expire_nodest_conn: 1'];
  return withLab({ connections: 65_536, settings }, async (ebpf, watch) => {
    const [dying] = ebpf.lab.servers;
    assert.ok(dying);
    const slot = watch.slotOf(serverAddress('inet', 1));
    const clients = goodClients(ebpf.lab.client, URL, DEATH.seconds);
    await sleep(DEATH.diesAfter);
    await dying.output(['ip', 'link', 'set', 'eth0', 'down']);
    await sleep(DEATH.noticedAfter);
    assert.notEqual(watch.connectionsTo(slot), 0, 'the dying server had no connections');
    const start = performance.now();
    await ebpf.ipvsadm('-d', '-t', `${VIP}:${PORT}`, '-r', `${serverAddress('inet', 1)}:${PORT}`);
    const deleted = performance.now();
    while (watch.connectionsTo(slot) > 0) {
      assert.ok(performance.now() - deleted < DEATH.patience, 'connections of the deleted server stay');
      await sleep(20);
    }
    const clean = performance.now() - deleted;
    const during = await clients;
    const after = await goodClients(ebpf.lab.client, URL, CALM_SECONDS);
    assert.equal(after.failures, 0, 'requests failed long after the server was deleted');
    const note = `its deletion by ipvsadm took ${(deleted - start).toFixed(0)} ms`;
    return [
      ...experience('a server dies, and is deleted half a second later', during),
      measurementOf('until none of its connections is left', 'ms', [clean], { note }),
      ...experience('afterwards', after),
    ];
  });
}

async function withLab(
  options: Pick<EbpfLabOptions, 'connections' | 'settings'>,
  work: (ebpf: EbpfLab, watch: TableWatch) => Promise<readonly Measurement[]>,
): Promise<readonly Measurement[]> {
  const ebpf = await EbpfLab.open({ attach: 'tc', offload: true, servers: SERVERS, ...options });
  try {
    await prepareSynFlood(ebpf.lab);
    for (const server of ebpf.lab.servers) await startNginx(ebpf.lab, server, { ports: [PORT] });
    const service = `-t ${VIP}:${PORT}`;
    const servers = Array.from(
      { length: SERVERS },
      (_, index) => `-a ${service} -r ${serverAddress('inet', index + 1)}:${PORT} -m`,
    );
    await ebpf.restore([`-A ${service} -s rr`, ...servers]);
    await curl(ebpf.lab.client, URL);
    const watch = new TableWatch(join(ebpf.bpfDirectory, 'default'));
    try {
      return await work(ebpf, watch);
    } finally {
      watch.close();
    }
  } finally {
    await ebpf.close();
  }
}

function experience(name: string, seen: Experience, calm?: Experience): readonly Measurement[] {
  const success = (100 * seen.requests) / (seen.requests + seen.failures);
  const note = `${seen.failures} of ${seen.requests + seen.failures} requests failed; ${seen.perSecond.toFixed(0)} a second`;
  const ratio = calm && { to: 'before', value: seen.slow / calm.slow };
  return [
    measurementOf(`${name}: requests that succeeded`, '%', [success], { note }),
    measurementOf(`${name}: time of the slowest of a hundred`, 'ms', [seen.slow], {
      ratio,
      note: `median ${seen.median.toFixed(2)} ms`,
    }),
  ];
}

function inThousands(entries: readonly number[]): string {
  return entries.map((count) => (count / 1000).toFixed(0)).join(' ');
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfLoad.description);
  process.stdout.write(formatMeasurements(await ebpfLoad.run()));
}
