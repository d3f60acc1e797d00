import { EbpfLab } from '../../test/netns/ebpf/fixture/ebpf-lab.ts';
import { labUnavailable } from '../../test/netns/lab/lab-unavailable.ts';
import { type Benchmark, BenchmarkUnavailable, type Measurement, type Ratio } from '../benchmark.ts';
import { median } from '../statistics.ts';
import { FloodLab, SERVER_ADDRESS, type Target, VIRTUAL_ADDRESS } from './forward/flood-lab.ts';
import { measurementOf } from './measurement-of.ts';
import { requireMachine } from './require-machine.ts';

const ROUNDS = 3;
const CONNECTIONS = 65_536;
const [NAT_PORT, DIRECT_PORT, SERVER_PORT] = [80, 81, 8080];
const BARE = 'bare XDP, by the FIB';
const DNAT = 'nftables DNAT';
const FIB_TARGET = 0.85;
const DNAT_TARGET = 1.2;

const STRAIGHT: Target = {
  address: SERVER_ADDRESS,
  port: SERVER_PORT,
  arrivesAt: { address: SERVER_ADDRESS, port: SERVER_PORT },
};
const NAT: Target = { ...STRAIGHT, address: VIRTUAL_ADDRESS, port: NAT_PORT };
const DIRECT: Target = {
  address: VIRTUAL_ADDRESS,
  port: DIRECT_PORT,
  arrivesAt: { address: VIRTUAL_ADDRESS, port: DIRECT_PORT },
};
const RULES = [
  `-A -u ${VIRTUAL_ADDRESS}:${NAT_PORT} -s rr`,
  `-a -u ${VIRTUAL_ADDRESS}:${NAT_PORT} -r ${SERVER_ADDRESS}:${SERVER_PORT} -m`,
  `-A -u ${VIRTUAL_ADDRESS}:${DIRECT_PORT} -s rr`,
  `-a -u ${VIRTUAL_ADDRESS}:${DIRECT_PORT} -r ${SERVER_ADDRESS}:${DIRECT_PORT} -g`,
];
const NFT_RULES = `table ip bench {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ip daddr ${VIRTUAL_ADDRESS} udp dport ${NAT_PORT} dnat to ${SERVER_ADDRESS}:${SERVER_PORT}
  }
}`;

type Samples = Map<string, number[]>;

export const ebpfForward: Benchmark = {
  name: 'ebpf-forward',
  description:
    'Packets that a director forwards between two namespaces for each second of processor time: UDP of 60 bytes, 1,024 clients, each seen before.',
  async run() {
    requireMachine('nft', 'taskset', 'ping');
    const missing = labUnavailable();
    if (missing !== undefined) throw new BenchmarkUnavailable(missing);
    const ebpf = await EbpfLab.open({ attach: 'xdp', servers: 1, connections: CONNECTIONS });
    const samples: Samples = new Map();
    try {
      await tearDown(ebpf);
      const flood = await FloodLab.prepare(ebpf.lab);
      for (let round = 0; round < ROUNDS; round++) {
        await measureBare(flood, samples);
        await measureVipr(ebpf, flood, 'xdp', samples);
        await measureVipr(ebpf, flood, 'tc', samples);
        await measureDnat(ebpf, flood, samples);
        take(samples, 'plain routing', await flood.measure(STRAIGHT));
      }
      return summary(samples);
    } finally {
      await ebpf.close();
    }
  },
};

async function measureBare(flood: FloodLab, samples: Samples): Promise<void> {
  const forwarder = await flood.attachForwarder();
  try {
    take(samples, BARE, await flood.measure(STRAIGHT));
  } finally {
    forwarder.detach();
  }
}

async function measureVipr(
  ebpf: EbpfLab,
  flood: FloodLab,
  attach: 'xdp' | 'tc',
  samples: Samples,
): Promise<void> {
  await ebpf.up('--attach', attach);
  await ebpf.restore(RULES);
  take(samples, `vipr, ${attach}: NAT`, await flood.measure(NAT));
  take(samples, `vipr, ${attach}: direct routing`, await flood.measure(DIRECT));
  await tearDown(ebpf);
}

async function measureDnat({ lab }: EbpfLab, flood: FloodLab, samples: Samples): Promise<void> {
  await lab.director.output(['nft', '-f', '-'], { input: NFT_RULES });
  take(samples, DNAT, await flood.measure(NAT));
  await lab.director.output(['nft', 'delete', 'table', 'ip', 'bench']);
}

async function tearDown(ebpf: EbpfLab): Promise<void> {
  await ebpf.director.stop();
  await ebpf.down();
}

function take(samples: Samples, name: string, packets: number): void {
  const taken = samples.get(name) ?? [];
  taken.push(packets / 1e6);
  samples.set(name, taken);
}

function summary(samples: Samples): readonly Measurement[] {
  const bare = median(samples.get(BARE) ?? []);
  const dnat = median(samples.get(DNAT) ?? []);
  return [...samples].map(([name, taken]) => {
    const value = median(taken);
    const toBare: Ratio = { to: BARE, value: value / bare, target: FIB_TARGET };
    const toDnat: Ratio = {
      to: DNAT,
      value: value / dnat,
      ...(name.startsWith('vipr') && { target: DNAT_TARGET }),
    };
    if (name === DNAT || name === BARE) return measurementOf(name, 'million/s', taken);
    if (!name.startsWith('vipr, xdp')) return measurementOf(name, 'million/s', taken, { ratio: toDnat });
    const note = `${toDnat.value.toFixed(2)} times ${DNAT}, ${toDnat.value >= DNAT_TARGET ? 'reaches' : 'BELOW'} the target of ${DNAT_TARGET}`;
    return measurementOf(name, 'million/s', taken, { ratio: toBare, note });
  });
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfForward.description);
  process.stdout.write(formatMeasurements(await ebpfForward.run()));
}
