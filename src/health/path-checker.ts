import { randomInt } from 'node:crypto';
import { addressBytes } from '../model/address.ts';
import type { PathProbe } from '../model/check.ts';
import { hostPort } from '../model/service.ts';
import type { Port } from '../model/unit.ts';
import { RouteNetlink } from '../netlink/route/route-netlink.ts';
import { PacketSocket } from '../system/raw/packet-socket.ts';
import { reserveTcpPort } from '../system/raw/reserve-port.ts';
import { SystemCallError } from '../system/system-call-error.ts';
import type { Attempt, Checker, Verdict } from './checker.ts';
import { explainFailure } from './connect/explain-failure.ts';
import { bad, CheckFailure, good } from './connect/talk.ts';
import { answerFilter } from './path/answer-filter.ts';
import type { PathAnswer } from './path/path-answer.ts';
import { shakeHands } from './path/path-handshake.ts';
import { type PathPlan, planPath } from './path/path-plan.ts';
import {
  describeDetour,
  describePath,
  describeRefusal,
  describeSilence,
  describeUnreachable,
} from './path/path-words.ts';
import { findWay, type Way } from './path/way.ts';
import { SharedWhileUsed } from './shared-while-used.ts';

/**
 * Good where the server answers a SYN for the service's address that is sent as the balancer forwards those of clients: by
 * direct routing to the destination's link-layer address, through its tunnel, or by masquerading to its own address. It
 * comes from this host's address towards the destination, and ends by RST. Needs CAP_NET_RAW.
 */
export const pathChecker: Checker<PathProbe> = {
  kind: 'path',

  describe({ service, destination, endpoint }): string {
    try {
      return `path to ${describePath(planPath({ service, destination, endpoint }))}`;
    } catch {
      // It has no path; the verdict says why.
      return `path to ${destination.address}`;
    }
  },

  async check({ service, destination, endpoint, signal }: Attempt<PathProbe>): Promise<Verdict> {
    try {
      if (signal.aborted) return bad('there was no time for it');
      const plan = planPath({ service, destination, endpoint });
      const { thing: netlink, release } = netlinks.acquire('', () => new RouteNetlink());
      try {
        const way = await findWay(plan, netlink, signal);
        return judge(plan, way, await reach(plan, way, signal));
      } finally {
        release();
      }
    } catch (error) {
      return bad(explain(error));
    }
  },
};

const netlinks = new SharedWhileUsed<RouteNetlink>();

async function reach(plan: PathPlan, way: Way, signal: AbortSignal): Promise<PathAnswer | undefined> {
  const source = addressBytes(way.source);
  const { port: sourcePort, release } = reserveTcpPort(source, plan.endpoint.sourcePort);
  try {
    const socket = new PacketSocket(
      answerFilter(source, sourcePort, addressBytes(way.outerSource)),
      plan.endpoint.mark,
    );
    return await shakeHands({ plan, way, sourcePort, sequence: randomInt(2 ** 32), signal }, socket);
  } finally {
    release();
  }
}

function judge(plan: PathPlan, way: Way, answer: PathAnswer | undefined): Verdict {
  switch (answer?.kind) {
    case 'accepted':
      return good(`${hostPort(plan.server, plan.port as Port)} accepts connections`);
    case 'refused':
      return bad(describeRefusal(plan));
    case 'expired':
      return bad(describeDetour(plan, answer.from));
    case 'unreachable':
      return bad(describeUnreachable(plan, answer));
    case undefined:
      return bad(describeSilence(plan, way.source));
  }
}

function explain(error: unknown): string {
  if (error instanceof CheckFailure) return error.message;
  if (error instanceof SystemCallError && error.call === 'socket' && error.code === 'EPERM')
    return 'may not send packets of its own: the check of a path takes CAP_NET_RAW';
  return explainFailure(error);
}
