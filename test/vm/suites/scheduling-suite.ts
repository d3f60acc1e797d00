import assert from 'node:assert/strict';
import type { Lab } from '../lab/lab-tests.ts';
import { runSeed, SeededRandom } from '../lab/seeded-random.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { makeArrivalNetwork } from '../scheduling/arrival-network.ts';
import { flowKey } from '../scheduling/flow.ts';
import { kernelServers } from '../scheduling/kernel-servers.ts';
import { referenceServers } from '../scheduling/reference.ts';
import { randomScenario, type Scenario, type ScenarioKind, weightsScenario } from '../scheduling/scenario.ts';
import { type ThresholdStory, thresholdScenario } from '../scheduling/threshold-scenario.ts';

const CONNECTIONS = 60;
const SCENARIOS = { part: 5, whole: 20, none: 0 };
const FIRST_PORT = 1000;
/** Seeds of a test; those of the next come after. */
const SEEDS = 1000;

type Kind = Omit<ScenarioKind, 'arrivals'>;

/** twos is left to chance: its shares are compared. */
const KINDS: readonly Kind[] = [
  ...['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'fo', 'ovf', 'sh', 'dh', 'mh', 'lblc', 'lblcr'].map(
    (scheduler) => ({ scheduler }),
  ),
  ...['sh-port', 'sh-fallback', 'sh-fallback,sh-port'].map((flags) => ({ scheduler: 'sh', flags })),
  ...['mh-port', 'mh-fallback', 'mh-fallback,mh-port'].map((flags) => ({ scheduler: 'mh', flags })),
  ...['rr', 'dh', 'sh', 'lblc', 'lblcr'].map((scheduler) => ({ scheduler, marked: true })),
];

const sameEdit = (...options: readonly string[]): string[] => options.map((words) => `-e SERVER -g ${words}`);

/** Server 1 of 2 gets every other connection: half of `expiring` and `staying`. */
const THRESHOLDS: readonly ThresholdStory[] = [
  { before: '', expiring: 0, staying: 6, edit: sameEdit('-x 2') },
  { before: '', expiring: 0, staying: 6, edit: sameEdit('-x 3') },
  { before: '', expiring: 0, staying: 6, edit: sameEdit('-x 4') },
  { before: '-x 8', expiring: 0, staying: 16, edit: sameEdit('-x 9') },
  { before: '-x 8', expiring: 0, staying: 16, edit: sameEdit('-x 12') },
  { before: '-x 8', expiring: 0, staying: 16, edit: sameEdit('-x 0', '-x 8') },
  { before: '-x 8', expiring: 0, staying: 16, edit: ['-d SERVER', '-a SERVER -g -x 9'] },
  { before: '-x 8', expiring: 2, staying: 14, edit: [] },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 8') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 9') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 9 -y 3') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 8 -y 7') },
  { before: '-x 8', expiring: 2, staying: 14, edit: sameEdit('-x 8 -y 8') },
  { before: '-x 8', expiring: 6, staying: 10, edit: [] },
  { before: '-x 8', expiring: 6, staying: 10, edit: sameEdit('-x 6') },
  { before: '-x 8 -y 2', expiring: 8, staying: 8, edit: [] },
  { before: '-x 8 -y 2', expiring: 8, staying: 8, edit: sameEdit('-x 10 -y 2') },
  { before: '-x 8 -y 2', expiring: 8, staying: 8, edit: sameEdit('-x 8 -y 6') },
];

/** The same connections get the same servers from the kernel and from src/scheduling. */
export function schedulingSuite(lab: Lab): void {
  lab.describe('schedulers', () => {
    const first = runSeed(process.env);
    let port = FIRST_PORT;
    let network: Promise<void> | undefined;
    const inNetwork = async (machine: VirtualMachine): Promise<void> => {
      network ??= makeArrivalNetwork(machine);
      await network;
    };

    for (const [index, kind] of KINDS.entries()) {
      lab.it(`${nameOf(kind)}: the kernel and vipr pick alike`, async (machine, t) => {
        await inNetwork(machine);
        const scenarios = Array.from({ length: SCENARIOS[lab.extent] }, (_, nth) =>
          randomScenario({ ...kind, arrivals: CONNECTIONS }, first + index * SEEDS + nth, port++),
        );
        const kernel = await kernelServers(machine, scenarios);
        let served = 0;
        for (const scenario of scenarios) served += await compare(scenario, kernel);
        const arrivals = scenarios.length * CONNECTIONS;
        t.diagnostic(`${served} of ${arrivals} connections served; VIPR_SEED=${first}`);
        assert.ok(served > arrivals / 5, `only ${served} of ${arrivals} connections found a server`);
      });
    }

    lab.it('thresholds: the kernel and vipr overload and relieve alike', async (machine) => {
      await inNetwork(machine);
      const scenario = thresholdScenario(THRESHOLDS, port);
      port += THRESHOLDS.length;
      await compare(scenario, await kernelServers(machine, [scenario]));
    });

    lab.it('twos: the kernel and vipr give servers the same shares', async (machine, t) => {
      if (lab.line === '6.1') {
        t.skip("Debian's kernel 6.1 has no twos");
        return;
      }
      await inNetwork(machine);
      for (const weights of [
        [1, 2, 3],
        [5, 5, 1],
        [0, 4, 1, 2],
      ]) {
        const scenario = weightsScenario('twos', weights, 400, port++);
        const kernel = shares(await kernelServers(machine, [scenario]), scenario);
        const random = new SeededRandom(first);
        const samples: Map<string, number>[] = [];
        for (let run = 0; run < 100; run++) {
          samples.push(shares(await referenceServers(scenario, () => random.next()), scenario));
        }
        for (const server of new Set([
          ...samples.flatMap((sample) => [...sample.keys()]),
          ...kernel.keys(),
        ])) {
          assertLikely(
            kernel.get(server) ?? 0,
            samples.map((sample) => sample.get(server) ?? 0),
            `${server} of weights ${weights}, VIPR_SEED=${first}`,
          );
        }
      }
    });
  });
}

/** Throws where the kernel and vipr part; returns how many connections found a server. */
async function compare(scenario: Scenario, kernel: ReadonlyMap<string, string>): Promise<number> {
  const reference = await referenceServers(scenario);
  const story: string[] = [];
  let served = 0;
  for (const step of scenario.steps) {
    if (step.kind === 'configure') story.push(`ipvsadm ${step.line}`);
    else if (step.kind === 'finish') story.push(`finish ${flowKey(step.flow)}`);
    else if (step.kind === 'expire') story.push(`${step.flows.length} connections expire`);
    else {
      const key = flowKey(step.flow);
      if (!reference.has(key)) continue;
      const [expected, actual] = [kernel.get(key) ?? 'nobody', reference.get(key) ?? 'nobody'];
      if (expected !== 'nobody') served += 1;
      story.push(`${key}: ${expected}`);
      const where = `seed ${scenario.seed}: the kernel did\n${story.join('\n')}\nvipr gives ${actual}`;
      assert.equal(actual, expected, where);
    }
  }
  return served;
}

/** How many flows of the scenario each server got. */
function shares(servers: ReadonlyMap<string, string | undefined>, scenario: Scenario): Map<string, number> {
  const counts = new Map<string, number>();
  for (const step of scenario.steps) {
    if (step.kind !== 'open') continue;
    const server = servers.get(flowKey(step.flow)) ?? 'nobody';
    counts.set(server, (counts.get(server) ?? 0) + 1);
  }
  return counts;
}

/** Within six standard deviations of the samples' mean, and two flows. */
function assertLikely(value: number, samples: readonly number[], what: string): void {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const variance = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / samples.length;
  const leeway = 6 * Math.sqrt(variance) + 2;
  assert.ok(Math.abs(value - mean) <= leeway, `${what}: ${value} connections, expected ${mean} ± ${leeway}`);
}

function nameOf({ scheduler, flags, marked }: Kind): string {
  return `${scheduler}${flags ? ` with ${flags}` : ''}${marked ? ' of a firewall mark' : ''}`;
}
