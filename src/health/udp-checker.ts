import type { UdpProbe } from '../model/check.ts';
import type { Checker, Verdict } from './checker.ts';
import { connectTarget, describeTarget } from './connect/connect-target.ts';
import { type DatagramTalk, exchangeDatagrams } from './connect/exchange-datagrams.ts';
import { bad, good } from './connect/talk.ts';

/**
 * Sends a datagram (keepalived's UDP_CHECK). Without a required reply it is good when no ICMP error has come until time is over, or a
 * reply before: so such a check takes its whole time where servers are silent.
 */
export const udpChecker: Checker<UdpProbe> = {
  kind: 'udp',
  describe: ({ endpoint, destination }) => `udp ${describeTarget(connectTarget(endpoint, destination))}`,
  check: ({ probe, endpoint, destination, signal }) =>
    exchangeDatagrams(connectTarget(endpoint, destination), signal, new UdpTalk(probe)),
};

class UdpTalk implements DatagramTalk {
  readonly #probe: UdpProbe;

  constructor(probe: UdpProbe) {
    this.#probe = probe;
  }

  get question(): Uint8Array {
    return this.#probe.payload;
  }

  hear({ length }: Buffer): Verdict {
    const { requireReply, minReplyLength, maxReplyLength } = this.#probe;
    if (!requireReply || (length >= minReplyLength && length <= maxReplyLength))
      return good(`a reply of ${length} bytes`);
    return bad(`a reply of ${length} bytes, expected ${minReplyLength} to ${maxReplyLength}`);
  }

  timedOut(): Verdict {
    return this.#probe.requireReply
      ? bad('timed out waiting for a reply')
      : good('sent, and no error came back');
  }
}
