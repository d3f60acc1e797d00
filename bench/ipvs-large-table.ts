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
      const original = await runTasks(machine, 'original');
      const vipr = await runTasks(machine, 'vipr');
      assert.equal(
        (await machine.run('cmp /tmp/list.original /tmp/list.vipr')).exitCode,
        0,
        'the lists differ',
      );
      return TASKS.flatMap(({ name, limit }, index) => {
        const [peer = Number.NaN, value = Number.NaN] = [original[index], vipr[index]];
        return [
          measurement(`${name}: original`, peer),
          {
            ...measurement(`${name}: vipr`, value),
            ratio: { to: 'original', value: value / peer, ...(limit !== undefined && { limit }) },
          },
        ];
      });
    } finally {
      await machine.stop();
    }
  },
};

function measurement(name: string, value: number): Measurement {
  return { name, value, unit: 's', samples: 1, quartiles: [value, value] };
}

/** The module loaded, the table as lines, and both programs in the page cache. */
async function prepare(machine: VirtualMachine): Promise<void> {
  const script = `
    ipvsadm -Ln > /dev/null && modprobe ip_vs_wlc && ${VIPR} -Ln > /dev/null
    for ((i = 0; i < ${SERVICES}; i++)); do
      v=10.0.$((i / 250)).$((i % 250 + 1)):80
      echo "-A -t $v -s wlc"
      for ((j = 1; j <= ${DESTINATIONS}; j++)); do echo "-a -t $v -r 172.16.$j.$((i % 250 + 1)):80 -m -w 1"; done
    done > /tmp/table`;
  await machine.expect(script, LIMIT_MS);
}

/**
 * How many seconds each task takes a program. Each has a network namespace of its own, and the kernel to itself: its hash table is one
 * for all namespaces, and what was deleted from a namespace makes it slower to add.
 */
async function runTasks(machine: VirtualMachine, who: keyof typeof PROGRAMS): Promise<number[]> {
  await machine.expect(`ip netns add ${who} && ip -n ${who} link set lo up`);
  const seconds: number[] = [];
  for (const { command } of TASKS) {
    const script = `TIMEFORMAT=%R; time ip netns exec ${who} bash -c 'who=${who}; ${command.replace('%', PROGRAMS[who])}'`;
    const { exitCode, stderr } = await machine.run(script, LIMIT_MS);
    assert.equal(exitCode, 0, stderr);
    seconds.push(Number(/^[\d.]+$/m.exec(stderr)?.[0]));
  }
  await machine.expect(`ip netns exec ${who} ipvsadm -C && ip netns del ${who}`);
  return seconds;
}

if (import.meta.main) {
  console.log(ipvsLargeTable.description);
  process.stdout.write(formatMeasurements(await ipvsLargeTable.run()));
}
