import assert from 'node:assert/strict';
import { randomScenario } from '../../scheduling/scenario.ts';
import { caseName, SCHEDULER_CASES } from '../../scheduling/scheduler-case.ts';
import { thresholdScenario } from '../../scheduling/threshold-scenario.ts';
import { THRESHOLD_STORIES } from '../../scheduling/threshold-story.ts';
import type { AgreementInput, AgreementReport } from '../ebpf/agreement.ts';
import type { EbpfDirector } from '../ebpf/ebpf-director.ts';
import { loadedPrograms, programsText } from '../ebpf/loaded-program.ts';
import { WIRE } from '../ebpf/twin-address.ts';
import { makeTwinNetwork } from '../ebpf/twin-network.ts';
import { twinServers } from '../ebpf/twin-servers.ts';
import { runGuestProgram } from '../lab/guest-program.ts';
import type { Lab } from '../lab/lab-tests.ts';
import { runSeed } from '../lab/run-seed.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { compareServers } from '../scheduling/compare-servers.ts';

/** In a part no template outlives its connections: how long it stays then depends on when timers go off, and on a slow machine that adds up. */
const EXTENTS = {
  none: { sequences: 0, rounds: 0, persistence: 0, scenarios: 0, arrivals: 0 },
  part: { sequences: 80, rounds: 1, persistence: 3000, scenarios: 1, arrivals: 60 },
  whole: { sequences: 400, rounds: 5, persistence: 30, scenarios: 3, arrivals: 100 },
} as const;
const FIRST_PORT = 1000;
/** Seeds of a test; those of the next come after. */
const SEEDS = 1000;
const LIMIT_MS = 600_000;

/** The same packets to the kernel's IPVS and to vipr's engine. Of the schedulers twos is left out: it chooses by chance. */
export function ebpfAgreementSuite(lab: Lab): void {
  const extent = EXTENTS[lab.extent];
  const first = runSeed(process.env);
  const isWhole = lab.extent === 'whole';
  for (const attach of isWhole ? ['tc', 'xdp'] : ['tc']) {
    lab.describe(`IPVS and the eBPF engine, ${attach}`, () => {
      let director: Promise<EbpfDirector> | undefined;
      let port = FIRST_PORT;
      const it = (name: string, body: Parameters<Lab['it']>[1]): void =>
        lab.it(
          name,
          async (machine, t) => {
            director ??= makeTwinNetwork(machine, ['--attach', attach]);
            await director;
            await body(machine, t);
          },
          LIMIT_MS,
        );

      it(`${extent.sequences} sequences of packets: the same packets, connections, counts and statistics`, async (machine, t) => {
        const { sequences, rounds, persistence } = extent;
        t.diagnostic(programsText(await loadedPrograms(machine, WIRE)));
        const { differences, ...numbers } = await agreement(machine, {
          socket: (await director)?.socket ?? '',
          seed: first,
          sequences,
          rounds,
          persistence,
        });
        t.diagnostic(
          `${numbers.arrivals} packets in, ${numbers.departures} out, ${numbers.entries} lines of connections; VIPR_SEED=${first}`,
        );
        assert.equal(differences.length, 0, `VIPR_SEED=${first}\n${differences.join('\n\n')}`);
        assert.ok(numbers.departures > numbers.arrivals / 2, `only ${numbers.departures} packets were sent`);
      });

      // Who is chosen does not depend on where the packet is met.
      const cases =
        attach === 'xdp' ? [] : SCHEDULER_CASES.filter(({ flags, marked }) => isWhole || (!flags && !marked));
      for (const [index, kind] of cases.entries()) {
        it(`${caseName(kind)}: connections get the same servers`, async (machine, t) => {
          const { arrivals } = extent;
          const scenarios = Array.from({ length: extent.scenarios }, (_, nth) =>
            randomScenario({ ...kind, arrivals }, first + index * SEEDS + nth, port++),
          );
          const served = await compare(machine, await director, scenarios);
          t.diagnostic(`${served} of ${scenarios.length * arrivals} connections served; VIPR_SEED=${first}`);
          assert.ok(served > (scenarios.length * arrivals) / 5, `only ${served} connections found a server`);
        });
      }

      if (isWhole && attach === 'tc')
        it('thresholds: servers are overloaded and relieved alike', async (machine) => {
          const scenario = thresholdScenario(THRESHOLD_STORIES, port);
          port += THRESHOLD_STORIES.length;
          assert.ok((await compare(machine, await director, [scenario])) > 0);
        });

      lab.it('vipr down leaves nothing', async (machine) => {
        await (await director)?.down();
        assert.deepEqual(await loadedPrograms(machine, WIRE), []);
        await machine.expect(`for n in ${WIRE} kernel vipr; do ip netns del $n; done`);
      });
    });
  }
}

async function agreement(machine: VirtualMachine, input: AgreementInput): Promise<AgreementReport> {
  const options = { namespace: WIRE, input, limitMilliseconds: LIMIT_MS };
  return (await runGuestProgram(machine, 'agreement', options)) as AgreementReport;
}

/** Throws where the two part; returns how many connections found a server. */
async function compare(
  machine: VirtualMachine,
  director: EbpfDirector | undefined,
  scenarios: Parameters<typeof twinServers>[2],
): Promise<number> {
  const { kernel, vipr } = await twinServers(machine, director?.socket ?? '', scenarios);
  const flows = new Set([...kernel.keys(), ...vipr.keys()]);
  const both = new Map([...flows].map((flow) => [flow, vipr.get(flow)]));
  return scenarios.reduce((served, scenario) => served + compareServers(scenario, kernel, both), 0);
}
