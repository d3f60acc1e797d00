import assert from 'node:assert/strict';
import { bootLab } from '../test/vm/lab/lab.ts';
import type { VirtualMachine } from '../test/vm/lab/virtual-machine.ts';
import type { Benchmark, Measurement } from './benchmark.ts';
import { formatMeasurements } from './format-measurements.ts';

const SERVICES = 10_000;
const DESTINATIONS = 4;
const LIMIT_MS = 900_000;
const VIPR = new URL('../bin/ipvsadm', import.meta.url).pathname;

/** The two programs; the guest finds Debian's by its name. */
const PROGRAMS = { original: 'ipvsadm', vipr: VIPR } as const;

interface Task {
  readonly name: string;
  /** `%` stands for the program. */
  readonly command: string;
  readonly limit?: number;
}

const TASKS: readonly Task[] = [
  {
    name: `-R of ${SERVICES} services with ${DESTINATIONS} destinations`,
    command: '% -R < /tmp/table',
    limit: 0.3,
  },
  { name: '-Ln of that table', command: '% -Ln > /tmp/list.$who', limit: 0.5 },
  { name: 'one -A', command: '% -A -t 192.0.2.1:1' },
];

export const ipvsLargeTable: Benchmark = {
  name: 'ipvs-large-table',
  description:
    "vipr's ipvsadm against Debian's on the kernel's IPVS, in a guest (emulated: see docs/benchmarks.md), as root.",
  async run() {
    const machine = await bootLab('6.12', 'whole');
    try {
      await prepare(machine);
      const measurements: Measurement[] = [];
      for (const task of TASKS) measurements.push(...(await compare(machine, task)));
      assert.equal(
        (await machine.run('cmp /tmp/list.original /tmp/list.vipr')).exitCode,
        0,
        'the lists differ',
      );
      return measurements;
    } finally {
      await machine.stop();
    }
  },
};

/** A namespace for each program, the module loaded, the table as lines, and both programs in the page cache. */
async function prepare(machine: VirtualMachine): Promise<void> {
  await machine.expect(`
    for n in original vipr; do ip netns add $n; ip -n $n link set lo up; done
    ipvsadm -Ln > /dev/null && modprobe ip_vs_wlc && ${VIPR} -Ln > /dev/null
    for i in $(seq 0 ${SERVICES - 1}); do
      v=10.0.$((i / 250)).$((i % 250 + 1)):80
      echo "-A -t $v -s wlc"
      for j in $(seq ${DESTINATIONS}); do echo "-a -t $v -r 172.16.$j.$((i % 250 + 1)):80 -m -w 1"; done
    done > /tmp/table`);
}

async function compare(machine: VirtualMachine, { name, command, limit }: Task): Promise<Measurement[]> {
  const seconds = new Map<string, number>();
  for (const [who, program] of Object.entries(PROGRAMS)) {
    const script = `who=${who}; TIMEFORMAT='%R %U %S'; time ip netns exec ${who} bash -c 'who=${who}; ${command.replace('%', program)}'`;
    const { exitCode, stderr } = await machine.run(script, LIMIT_MS);
    const times = /^([\d.]+) [\d.]+ [\d.]+$/m.exec(stderr);
    assert.equal(exitCode, 0, stderr);
    seconds.set(who, Number(times?.[1]));
  }
  const peer = seconds.get('original') ?? Number.NaN;
  return [...seconds].map(([who, value]) => ({
    name: `${name}: ${who}`,
    value,
    unit: 's',
    samples: 1,
    quartiles: [value, value],
    ...(who === 'vipr' && {
      ratio: { to: 'original', value: value / peer, ...(limit !== undefined && { limit }) },
    }),
  }));
}

if (import.meta.main) {
  console.log(ipvsLargeTable.description);
  process.stdout.write(formatMeasurements(await ipvsLargeTable.run()));
}
