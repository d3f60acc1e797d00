import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterKind } from '../../test/netns/failover/peers/router.ts';
import { Lab } from '../../test/netns/lab/lab.ts';
import type { Program } from '../../test/netns/lab/program.ts';
import type { Measurement } from '../benchmark.ts';
import { measurementOf } from '../ebpf/measurement-of.ts';
import { cpuTimeOf, memoryOf } from '../process-usage.ts';
import { median } from '../statistics.ts';
import { INSTANCES, startRouterOfAll } from './many-routers.ts';

const KINDS = ['keepalived', 'vipr'] as const satisfies readonly RouterKind[];
const ROLES = ['master', 'backup'] as const;
const ROUNDS = 3;
const READINGS = 3;
const READING_MS = 5000;
const SETTLING_MS = 5000;
const LIMIT_MS = 60_000;
const MEGABYTE = 1e6;

type Role = (typeof ROLES)[number];

/** What one round found of a router: percent of a processor, and megabytes. */
interface Usage {
  readonly cpu: number[];
  readonly memory: number[];
}

type Usages = Readonly<Record<Role, Usage>>;

/** Two routers of one kind with as many instances as a link can have: one is master of all, the other backup. */
export async function measureInstances(): Promise<readonly Measurement[]> {
  const lab = await Lab.open({ directors: 2, servers: 1 });
  try {
    const found = { keepalived: noUsages(), vipr: noUsages() };
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of KINDS) await measureRound(lab, kind, found[kind]);
    return ROLES.flatMap((role) => [
      ...report(`${role}, processor`, '% of one', (kind) => found[kind][role].cpu),
      ...report(`${role}, memory`, 'MB', (kind) => found[kind][role].memory),
    ]);
  } finally {
    await lab.close();
  }
}

async function measureRound(lab: Lab, kind: RouterKind, usages: Usages): Promise<void> {
  const routers: Program[] = [];
  try {
    for (const number of [1, 2] as const) {
      routers.push(startRouterOfAll(lab, kind, number));
      if (number === 1) await untilHas(lab, routers, 'lvs1', INSTANCES);
    }
    await sleep(SETTLING_MS);
    await untilHas(lab, routers, 'lvs2', 0);
    for (let reading = 0; reading < READINGS; reading++) {
      const before = routers.map(({ pid }) => secondsOf(pid));
      const begun = performance.now();
      await sleep(READING_MS);
      const seconds = (performance.now() - begun) / 1000;
      for (const [index, { pid }] of routers.entries()) {
        const usage = usages[index === 0 ? 'master' : 'backup'];
        usage.cpu.push((100 * (secondsOf(pid) - (before[index] ?? 0))) / seconds);
        usage.memory.push(memoryOf(pid) / MEGABYTE);
      }
    }
    await untilHas(lab, routers, 'lvs1', INSTANCES);
    await untilHas(lab, routers, 'lvs2', 0);
  } finally {
    await Promise.all(routers.map((router) => router.stop('SIGTERM', 10_000)));
  }
}

/** Until the host has so many virtual addresses; throws where it takes long. */
async function untilHas(lab: Lab, routers: readonly Program[], name: string, count: number): Promise<void> {
  for (const end = performance.now() + LIMIT_MS; ; await sleep(200)) {
    const list = await lab.host(name).output(['ip', '-o', 'addr']);
    const found = list.split(' 10.1.1.').length - 1;
    if (found === count) return;
    if (performance.now() > end || routers.some(({ isOver }) => isOver)) {
      const said = routers.map(({ stderr }) => stderr.slice(-1000)).join('\n');
      throw new Error(`${name} has ${found} virtual addresses instead of ${count}: ${said}`);
    }
  }
}

function secondsOf(pid: number): number {
  const { user, system } = cpuTimeOf(pid);
  return user + system;
}

function noUsages(): Usages {
  return { master: { cpu: [], memory: [] }, backup: { cpu: [], memory: [] } };
}

function report(
  what: string,
  unit: string,
  samplesOf: (kind: RouterKind) => readonly number[],
): readonly Measurement[] {
  const ratio = { to: 'keepalived', value: median(samplesOf('vipr')) / median(samplesOf('keepalived')) };
  return [
    measurementOf(`${what}: keepalived`, unit, samplesOf('keepalived')),
    measurementOf(`${what}: vipr`, unit, samplesOf('vipr'), { ratio }),
  ];
}
