import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { IpAddress } from '../../src/model/address.ts';
import type { Port } from '../../src/model/unit.ts';
import { type Layer, tcp, udp } from '../packet/packet.ts';
import { SeededRandom } from '../random/seeded-random.ts';
import { type Flow, flowKey } from '../scheduling/flow.ts';
import { Reference, referenceServers } from '../scheduling/reference.ts';
import { randomScenario, type Scenario, weightsScenario } from '../scheduling/scenario.ts';
import { MARK, MARKED } from '../scheduling/scenario-address.ts';
import { caseName, SCHEDULER_CASES } from '../scheduling/scheduler-case.ts';
import { assertLikely, sharesOf } from '../scheduling/share.ts';
import { thresholdScenario } from '../scheduling/threshold-scenario.ts';
import { THRESHOLD_STORIES } from '../scheduling/threshold-story.ts';
import { flowText, frame } from './harness/flow.ts';
import { Lab, whyNoLab } from './harness/lab.ts';

const SCENARIOS = 2;
const ARRIVALS = 100;
const SEED = 20_261_126;

/** The data plane gives connections to the servers that src/scheduling gives them to, which the VM lab holds against the kernel. */
describe('schedulers of the data plane', { skip: whyNoLab }, () => {
  let lab: Lab;
  let port = 1000;
  beforeEach(() => {
    lab = new Lab();
    const any = { firstPort: 0 as Port, lastPort: 65535 as Port, mark: MARK };
    lab.putMarkRules([
      { address: `${MARKED.inet}0` as IpAddress, prefixLength: 24, ...any },
      { address: MARKED.inet6 as IpAddress, prefixLength: 64, ...any },
    ]);
    lab.set({ markRules: 2 });
  });
  afterEach(() => lab.close());

  for (const [index, each] of SCHEDULER_CASES.entries()) {
    test(`${caseName(each)}: connections get the servers that src/scheduling gives them`, async () => {
      let served = 0;
      for (let nth = 0; nth < SCENARIOS; nth++) {
        const kind = { ...each, arrivals: ARRIVALS, expiring: true };
        served += await compare(lab, randomScenario(kind, SEED + 100 * index + nth, port++));
      }
      assert.ok(served > (SCENARIOS * ARRIVALS) / 5, `only ${served} connections found a server`);
    });
  }

  test('thresholds overload and relieve servers as in src/scheduling (facts 2.3)', async () => {
    const scenario = thresholdScenario(THRESHOLD_STORIES, port);
    port += THRESHOLD_STORIES.length;
    await compare(lab, scenario);
  });

  for (const weights of [
    [1, 2, 3],
    [5, 5, 1],
    [0, 4, 1, 2],
  ]) {
    test(`twos: servers of weights ${weights} get the shares that src/scheduling gives them (facts 2.2)`, async () => {
      const scenario = weightsScenario('twos', weights, 400, port++);
      const servers = new Map<string, string | undefined>();
      for (const step of scenario.steps)
        if (step.kind === 'configure') await lab.configure(step.line);
        else if (step.kind === 'open') servers.set(flowKey(step.flow), arrive(lab, step.flow));
      const shares = sharesOf(servers, scenario);
      const random = new SeededRandom(SEED);
      const samples: Map<string, number>[] = [];
      for (let run = 0; run < 50; run++)
        samples.push(sharesOf(await referenceServers(scenario, () => random.next()), scenario));
      for (const server of new Set([...samples.flatMap((each) => [...each.keys()]), ...shares.keys()]))
        assertLikely(
          shares.get(server) ?? 0,
          samples.map((each) => each.get(server) ?? 0),
          server,
        );
    });
  }
});

/** Throws where the data plane and src/scheduling part; returns how many connections found a server. */
async function compare(lab: Lab, scenario: Scenario): Promise<number> {
  const reference = new Reference(() => 0);
  const story: string[] = [];
  let served = 0;
  for (const step of scenario.steps) {
    await reference.take(step);
    switch (step.kind) {
      case 'configure':
        story.push(`ipvsadm ${step.line}`);
        await lab.configure(step.line);
        break;
      case 'open': {
        const expected = reference.servers.get(flowKey(step.flow));
        story.push(`${flowKey(step.flow)}: ${expected}`);
        assert.equal(arrive(lab, step.flow), expected, `seed ${scenario.seed}\n${story.join('\n')}`);
        if (expected !== undefined) served += 1;
        break;
      }
      case 'finish':
        story.push(`finish ${flowKey(step.flow)}`);
        lab.send(segment(lab, step.flow, ['fin', 'ack']));
        break;
      case 'expire': {
        story.push(`expire ${step.flows.map(flowKey).join(', ')}`);
        const expired = new Set(step.flows.map((flow) => flowText(ends(flow))));
        lab.elapse(10_000, ({ client, virtual }) => expired.has(`${client} > ${virtual}`));
        lab.plane.sweep();
        break;
      }
      default:
        throw new TypeError(`no such step: ${step satisfies never}`);
    }
  }
  return served;
}

/** The server that a client gets. */
function arrive(lab: Lab, flow: Flow): string | undefined {
  if (flow.protocol === 'udp') {
    const datagram = udp({ source: flow.clientPort, destination: flow.virtualPort });
    return lab.send(frame(ends(flow), datagram, lab.network.clients.mac)).server;
  }
  const { server } = lab.send(segment(lab, flow, ['syn']));
  if (server !== undefined) lab.send(segment(lab, flow, ['ack']));
  return server;
}

function segment(lab: Lab, flow: Flow, flags: readonly ('syn' | 'ack' | 'fin')[]): Layer[] {
  const { clientPort, virtualPort } = flow;
  const layer = tcp({ source: clientPort, destination: virtualPort, flags });
  return frame(ends(flow), layer, lab.network.clients.mac);
}

function ends({ clientAddress, clientPort, virtualAddress, virtualPort }: Flow) {
  return {
    from: { address: clientAddress as IpAddress, port: clientPort },
    to: { address: virtualAddress as IpAddress, port: virtualPort },
  };
}
