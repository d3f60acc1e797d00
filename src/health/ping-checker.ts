import { randomBytes } from 'node:crypto';
import { addressBytes, addressFromBytes, familyOf } from '../model/address.ts';
import type { PingProbe } from '../model/check.ts';
import { IcmpSocket } from '../system/raw/icmp-socket.ts';
import type { PacketOrigin } from '../system/raw/socket-option.ts';
import { SystemCallError } from '../system/system-call-error.ts';
import type { Attempt, Checker, Verdict } from './checker.ts';
import { type ConnectTarget, connectTarget, wayTo } from './connect/connect-target.ts';
import { explainFailure } from './connect/explain-failure.ts';
import { describeIcmpError } from './describe-icmp-error.ts';
import { type EchoOutcome, EchoStation } from './ping/echo-station.ts';
import { SharedWhileUsed } from './shared-while-used.ts';

/**
 * Good where an ICMP echo is answered (keepalived's PING_CHECK). All checks of a family with the same source, interface and
 * mark share a socket, which is open while one of them runs. It needs a group in net.ipv4.ping_group_range, or CAP_NET_RAW.
 */
export const pingChecker: Checker<PingProbe> = {
  kind: 'ping',

  describe({ endpoint, destination }): string {
    const target = connectTarget(endpoint, destination);
    return `ping ${target.address}${wayTo(target.interface, target.mark)}`;
  },

  async check({ endpoint, destination, signal }: Attempt<PingProbe>): Promise<Verdict> {
    const target = connectTarget(endpoint, destination);
    const family = familyOf(target.address);
    try {
      const origin = originOf(target);
      const key = JSON.stringify([family, target.sourceAddress, origin.interface, origin.mark]);
      const open = () => new EchoStation(new IcmpSocket(family, origin), randomBytes);
      const { thing: station, release } = stations.acquire(key, open);
      try {
        return judge(family, await station.echo(addressBytes(target.address), signal), target);
      } finally {
        release();
      }
    } catch (error) {
      return { good: false, detail: explain(error) };
    }
  },
};

const stations = new SharedWhileUsed<EchoStation>();

function originOf({ sourceAddress, interface: device, mark }: ConnectTarget): PacketOrigin {
  return {
    ...(sourceAddress === undefined ? {} : { address: addressBytes(sourceAddress) }),
    ...(device === undefined ? {} : { interface: device }),
    ...(mark === undefined ? {} : { mark }),
  };
}

function judge(family: 'inet' | 'inet6', outcome: EchoOutcome, { address }: ConnectTarget): Verdict {
  switch (outcome.kind) {
    case 'reply':
      return { good: true, detail: 'echo reply' };
    case 'aborted':
      return { good: false, detail: 'no echo reply' };
    case 'error': {
      const { type, code, errno, from } = outcome;
      const words = type === 0 ? undefined : describeIcmpError(family, type, code);
      const what = words ?? explainFailure(new SystemCallError('echo', errno));
      const who = from === undefined ? address : addressFromBytes(from);
      return { good: false, detail: who === address ? what : `${what}, says ${who}` };
    }
  }
}

function explain(error: unknown): string {
  if (error instanceof SystemCallError && error.call === 'socket' && ['EACCES', 'EPERM'].includes(error.code))
    return 'may not send ICMP echoes: it takes CAP_NET_RAW, or a group in net.ipv4.ping_group_range';
  return explainFailure(error);
}
