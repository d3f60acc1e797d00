import type { Benchmark, Measurement, Ratio } from '../benchmark.ts';
import { median } from '../statistics.ts';
import { compileObject } from './compile-object.ts';
import { loadDataPlane } from './data-plane-object.ts';
import { measurementOf } from './measurement-of.ts';
import { fillTable, type Method } from './packet/fill-table.ts';
import type { Scene } from './packet/scene.ts';
import { type Hook, PROGRAM, SceneRunner } from './packet/scene-runner.ts';
import { pinnedToCpu } from './pinned-to-cpu.ts';
import { requireMachine } from './require-machine.ts';

const SCENES = {
  tunnel: ['tunnel'],
  direct: ['direct'],
  masquerade: ['nat-request', 'nat-reply'],
} as const satisfies Record<Method, readonly Scene[]>;
const METHODS = ['tunnel', 'direct', 'masquerade'] as const satisfies readonly Method[];

interface Round {
  readonly flows: number;
  readonly hooks: readonly Hook[];
  /** Flows are met in the order in which they began, or so that entries are far apart in memory, where nothing can be guessed. */
  readonly scattered?: true;
}

const ROUNDS: readonly Round[] = [
  { flows: 1, hooks: ['xdp'] },
  { flows: 1024, hooks: ['xdp', 'tc'] },
  { flows: 65_536, hooks: ['xdp', 'tc'] },
  { flows: 65_536, hooks: ['xdp'], scattered: true },
  { flows: 1_048_576, hooks: ['xdp'] },
];
/** Nanoseconds for a packet into a tunnel by XDP. */
const TARGET: Readonly<Record<number, number>> = { 1024: 150, 65536: 300 };
const NAT_LIMIT = 1.3;
const SAMPLES = 7;
const PACKETS = 200_000;
/** Odd; a tenth of a million entries further. */
const FAR = 104_729;
const CPU = 1;

export const ebpfPacket: Benchmark = {
  name: 'ebpf-packet',
  description:
    'Nanoseconds of the eBPF data plane for a packet of an established TCP connection, by BPF_PROG_TEST_RUN less what is around it.',
  async run() {
    requireMachine('taskset');
    const frame = compileObject('packet');
    return pinnedToCpu(CPU, async () => ROUNDS.flatMap((round) => compare(frame, round)));
  },
};

/** All scenes with that many flows; those of NAT next to the tunnel. */
function compare(frame: Uint8Array, round: Round): Measurement[] {
  const measurements: Measurement[] = [];
  let tunnel: number | undefined;
  for (const method of METHODS) {
    const plane = loadDataPlane({ programs: round.hooks.map((hook) => PROGRAM[hook]) });
    try {
      fillTable(plane, { method, flows: round.flows });
      for (const scene of SCENES[method]) {
        // What a run puts around the packet in tc does not come off again: the kernel marks it as encapsulated for good.
        const hooks = scene === 'tunnel' ? (['xdp'] as const) : round.hooks;
        const stride = round.scattered ? FAR : 1;
        const runner = new SceneRunner(plane, frame, { scene, flows: round.flows, hooks, stride });
        try {
          for (const hook of hooks) {
            const samples = take(runner, hook, round.flows);
            if (scene === 'tunnel') tunnel = median(samples);
            const ratio = ratioOf(round, scene, hook, median(samples), tunnel);
            measurements.push(measurementOf(nameOf(round, scene, hook), 'ns', samples, { ratio }));
          }
        } finally {
          runner.close();
        }
      }
    } finally {
      plane.close();
    }
  }
  return measurements;
}

function take(runner: SceneRunner, hook: Hook, flows: number): readonly number[] {
  runner.verify(hook);
  const packets = Math.max(PACKETS, flows);
  runner.measure(hook, packets);
  return Array.from({ length: SAMPLES }, () => runner.measure(hook, packets));
}

function nameOf({ flows, scattered }: Round, scene: Scene, hook: Hook): string {
  return `${flows.toLocaleString('en')} ${flows === 1 ? 'flow' : 'flows'}${scattered ? ' far apart' : ''}, ${hook}: ${scene}`;
}

function ratioOf(
  { flows, scattered }: Round,
  scene: Scene,
  hook: Hook,
  value: number,
  tunnel: number | undefined,
): Ratio | undefined {
  if (hook === 'tc' || tunnel === undefined || scene === 'direct') return undefined;
  if (scene !== 'tunnel') return { to: 'the tunnel', value: value / tunnel, limit: NAT_LIMIT };
  const target = scattered ? undefined : TARGET[flows];
  return target === undefined
    ? undefined
    : { to: `the target of ${target} ns`, value: value / target, limit: 1 };
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfPacket.description);
  process.stdout.write(formatMeasurements(await ebpfPacket.run()));
}
