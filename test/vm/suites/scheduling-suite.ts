import assert from 'node:assert/strict';
import { SeededRandom } from '../../random/seeded-random.ts';
import { referenceServers } from '../../scheduling/reference.ts';
import { randomScenario, weightsScenario } from '../../scheduling/scenario.ts';
import { caseName, SCHEDULER_CASES } from '../../scheduling/scheduler-case.ts';
import { assertLikely, sharesOf } from '../../scheduling/share.ts';
import { thresholdScenario } from '../../scheduling/threshold-scenario.ts';
import { THRESHOLD_STORIES } from '../../scheduling/threshold-story.ts';
import type { Lab } from '../lab/lab-tests.ts';
import { runSeed } from '../lab/run-seed.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { makeArrivalNetwork } from '../scheduling/arrival-network.ts';
import { compareServers } from '../scheduling/compare-servers.ts';
import { kernelServers } from '../scheduling/kernel-servers.ts';

const CONNECTIONS = 60;
const SCENARIOS = { part: 5, whole: 20, none: 0 };
const FIRST_PORT = 1000;
/** Seeds of a test; those of the next come after. */
const SEEDS = 1000;

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

    for (const [index, kind] of SCHEDULER_CASES.entries()) {
      lab.it(`${caseName(kind)}: the kernel and vipr pick alike`, async (machine, t) => {
        await inNetwork(machine);
        const scenarios = Array.from({ length: SCENARIOS[lab.extent] }, (_, nth) =>
          randomScenario({ ...kind, arrivals: CONNECTIONS }, first + index * SEEDS + nth, port++),
        );
        const kernel = await kernelServers(machine, scenarios);
        let served = 0;
        for (const scenario of scenarios)
          served += compareServers(scenario, kernel, await referenceServers(scenario));
        const arrivals = scenarios.length * CONNECTIONS;
        t.diagnostic(`${served} of ${arrivals} connections served; VIPR_SEED=${first}`);
        assert.ok(served > arrivals / 5, `only ${served} of ${arrivals} connections found a server`);
      });
    }

    lab.it('thresholds: the kernel and vipr overload and relieve alike', async (machine) => {
      await inNetwork(machine);
      const scenario = thresholdScenario(THRESHOLD_STORIES, port);
      port += THRESHOLD_STORIES.length;
      compareServers(scenario, await kernelServers(machine, [scenario]), await referenceServers(scenario));
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
        const kernel = sharesOf(await kernelServers(machine, [scenario]), scenario);
        const random = new SeededRandom(first);
        const samples: Map<string, number>[] = [];
        for (let run = 0; run < 100; run++) {
          samples.push(sharesOf(await referenceServers(scenario, () => random.next()), scenario));
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
