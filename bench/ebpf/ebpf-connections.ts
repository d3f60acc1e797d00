import assert from 'node:assert/strict';
import { EbpfLab } from '../../test/netns/ebpf/fixture/ebpf-lab.ts';
import { labUnavailable } from '../../test/netns/lab/lab-unavailable.ts';
import { curl } from '../../test/netns/peer/curl.ts';
import { iperf3, startIperf3 } from '../../test/netns/peer/iperf3.ts';
import { startNginx } from '../../test/netns/peer/nginx.ts';
import { wrk } from '../../test/netns/peer/wrk.ts';
import { type Benchmark, BenchmarkUnavailable, type Measurement, type Ratio } from '../benchmark.ts';
import { median } from '../statistics.ts';
import { BULK_PORT, type Contestant, contestants, HTTP_PORT } from './connections/contestant.ts';
import { measurementOf } from './measurement-of.ts';
import { requireMachine } from './require-machine.ts';

const ROUNDS = 3;
const TABLE = 65_536;
const WRK = { seconds: 2, connections: 32, close: true } as const;
const IPERF = { seconds: 1 } as const;
const PEERS = ['nftables DNAT', 'HAProxy, TCP mode'] as const;
const PLAIN = 'plain routing';

type Samples = ReadonlyMap<Contestant, number[]>;

export const ebpfConnections: Benchmark = {
  name: 'ebpf-connections',
  description:
    'TCP connections a second of one request each (wrk, nginx), and Gbit/s of one (iperf3), through a director with the eBPF engine in tc, all on two namespaces and offloads on.',
  async run() {
    requireMachine('nft', 'haproxy', 'nginx', 'wrk', 'iperf3', 'curl');
    const missing = labUnavailable();
    if (missing !== undefined) throw new BenchmarkUnavailable(missing);
    const ebpf = await EbpfLab.open({ attach: 'tc', offload: true, servers: 1, connections: TABLE });
    try {
      await ebpf.director.stop();
      await ebpf.down();
      const [server] = ebpf.lab.servers;
      assert.ok(server);
      await startNginx(ebpf.lab, server, { ports: [HTTP_PORT] });
      await startIperf3(server, BULK_PORT);
      const connections: Samples = new Map(contestants.map((each) => [each, []]));
      const bulk: Samples = new Map(contestants.map((each) => [each, []]));
      for (let round = 0; round < ROUNDS; round++)
        for (const contestant of contestants) await measure(ebpf, contestant, connections, bulk);
      return [...compare('connections/s', connections), ...compare('Gbit/s', bulk)];
    } finally {
      await ebpf.close();
    }
  },
};

async function measure(
  ebpf: EbpfLab,
  contestant: Contestant,
  connections: Samples,
  bulk: Samples,
): Promise<void> {
  const { address, from } = contestant;
  const { client } = ebpf.lab;
  await client.output(['ip', 'route', 'replace', address, 'via', '10.1.0.1', 'src', from]);
  const stop = await contestant.start(ebpf);
  try {
    assert.match(await curl(client, `http://${address}/`), /^rs1 /);
    const loaded = await wrk(client, `http://${address}/`, WRK);
    assert.equal(loaded.errors, 0, `${contestant.name}: ${loaded.text}`);
    connections.get(contestant)?.push(loaded.requestsPerSecond);
    const sent = await iperf3(client, address, { ...IPERF, port: BULK_PORT });
    bulk.get(contestant)?.push(sent.bitsPerSecond / 1e9);
  } finally {
    await stop();
  }
}

function compare(unit: string, samples: Samples): readonly Measurement[] {
  const medians = new Map([...samples].map(([{ name }, values]) => [name, median(values)]));
  return [...samples].map(([{ name }, values]) => {
    const times = (peer: string) => median(values) / (medians.get(peer) ?? Number.NaN);
    if (!name.startsWith('vipr')) return measurementOf(name, unit, values);
    // The better of the two.
    const [peer] = PEERS.toSorted((one, other) => times(one) - times(other));
    const ratio: Ratio = { to: peer ?? PLAIN, value: times(peer ?? PLAIN), target: 1 };
    const others = [PLAIN, ...PEERS].filter((each) => each !== peer);
    const note = others.map((each) => `${times(each).toFixed(2)} times ${each}`).join(', ');
    return measurementOf(name, unit, values, { ratio, note });
  });
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfConnections.description);
  process.stdout.write(formatMeasurements(await ebpfConnections.run()));
}
