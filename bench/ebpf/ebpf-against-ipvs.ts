import { EbpfDirector } from '../../test/vm/ebpf/ebpf-director.ts';
import { bootLab } from '../../test/vm/lab/lab.ts';
import { LabUnavailable } from '../../test/vm/lab/unavailable.ts';
import type { VirtualMachine } from '../../test/vm/lab/virtual-machine.ts';
import { type Benchmark, BenchmarkUnavailable, type Measurement } from '../benchmark.ts';
import { median } from '../statistics.ts';
import { DIRECTOR, GuestFlood, type GuestTarget } from './against-ipvs/guest-flood.ts';
import { measurementOf } from './measurement-of.ts';

const ROUNDS = 3;
const TARGET = 2.5;
const VIP = '192.0.2.10';
const SERVER = '10.2.0.11';
/** The same bytes as numbers of this machine. */
const WORD = { vip: 0x0a02_00c0, server: 0x0b00_020a };
const METHODS = ['NAT', 'direct routing'] as const;
type Method = (typeof METHODS)[number];

const TARGETS: Readonly<Record<Method, GuestTarget>> = {
  NAT: {
    destination: WORD.vip,
    port: swapped(80),
    arrivesAt: { destination: WORD.server, port: swapped(8080) },
  },
  'direct routing': {
    destination: WORD.vip,
    port: swapped(81),
    arrivesAt: { destination: WORD.vip, port: swapped(81) },
  },
};
const RULES = `-A -u ${VIP}:80 -s rr
-a -u ${VIP}:80 -r ${SERVER}:8080 -m
-A -u ${VIP}:81 -s rr
-a -u ${VIP}:81 -r ${SERVER}:81 -g`;

type Samples = Map<string, number[]>;

export const ebpfAgainstIpvs: Benchmark = {
  name: 'ebpf-against-ipvs',
  description:
    "Packets that the eBPF engine and the kernel's IPVS forward for each second of the processor, in one guest (emulated, Linux 6.12).",
  async run() {
    const machine = await boot();
    try {
      const flood = await GuestFlood.prepare(machine);
      const samples: Samples = new Map();
      await measureIpvs(machine, flood, samples);
      for (const attach of ['xdp', 'tc'] as const) await measureVipr(machine, flood, attach, samples);
      // Again, as the machine may have had more or less to do meanwhile.
      await measureIpvs(machine, flood, samples);
      return summary(samples);
    } finally {
      await machine.stop();
    }
  },
};

async function boot(): Promise<VirtualMachine> {
  try {
    return await bootLab('6.12', 'whole');
  } catch (error) {
    throw error instanceof LabUnavailable ? new BenchmarkUnavailable(error.message) : error;
  }
}

async function measureIpvs(machine: VirtualMachine, flood: GuestFlood, samples: Samples): Promise<void> {
  await machine.expect(
    `modprobe -a ip_vs ip_vs_rr\nip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -R <<'END'\n${RULES}\nEND`,
  );
  await measure('IPVS', flood, samples);
  await machine.expect(`ip netns exec ${DIRECTOR} /usr/sbin/ipvsadm -C`);
}

async function measureVipr(
  machine: VirtualMachine,
  flood: GuestFlood,
  attach: 'xdp' | 'tc',
  samples: Samples,
): Promise<void> {
  const director = await EbpfDirector.up(machine, {
    namespace: DIRECTOR,
    settings: 'connections: 65536\nservices: 64\ndestinations: 64\ninterfaces: [front, lan]',
    words: ['--attach', attach],
  });
  await machine.expect(`printf '%s\\n' '${RULES}' >/tmp/rules`);
  await director.vipr('ipvsadm -R </tmp/rules');
  await measure(`vipr, ${attach}`, flood, samples);
  await director.down();
}

async function measure(who: string, flood: GuestFlood, samples: Samples): Promise<void> {
  for (let round = 0; round < ROUNDS; round++)
    for (const method of METHODS) {
      const name = `${method}: ${who}`;
      samples.set(name, [...(samples.get(name) ?? []), (await flood.measure(TARGETS[method])) / 1000]);
    }
}

function summary(samples: Samples): readonly Measurement[] {
  return METHODS.flatMap((method) =>
    [...samples]
      .filter(([name]) => name.startsWith(method))
      .map(([name, taken]) => {
        const ipvs = median(samples.get(`${method}: IPVS`) ?? []);
        const target = name.includes('xdp') ? { target: TARGET } : {};
        const ratio = { to: 'IPVS', value: median(taken) / ipvs, ...target };
        return measurementOf(name, 'thousand/s', taken, name.endsWith('IPVS') ? {} : { ratio });
      }),
  );
}

function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfAgainstIpvs.description);
  process.stdout.write(formatMeasurements(await ebpfAgainstIpvs.run()));
}
