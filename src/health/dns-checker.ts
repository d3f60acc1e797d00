import { randomInt } from 'node:crypto';
import type { DnsProbe } from '../model/check.ts';
import type { Attempt, Checker, Verdict } from './checker.ts';
import { connectTarget, describeTarget } from './connect/connect-target.ts';
import { type DatagramTalk, exchangeDatagrams } from './connect/exchange-datagrams.ts';
import { bad, good } from './connect/talk.ts';
import { type DnsQuery, decodeDnsAnswer, encodeDnsQuery } from './dns/dns-exchange.ts';

/**
 * Good where a query by UDP is answered with NOERROR, also without records and cut to the size of a datagram (keepalived's
 * check_dns.c, dns_recv_thread). What does not answer the query is passed over, and the wait goes on.
 */
export const dnsChecker: Checker<DnsProbe> = {
  kind: 'dns',

  describe: ({ probe, endpoint, destination }) =>
    `dns ${describeTarget(connectTarget(endpoint, destination))} ${probe.name || '.'} ${probe.type}`,

  async check({ probe, endpoint, destination, signal }: Attempt<DnsProbe>): Promise<Verdict> {
    const query = encodeDnsQuery(probe, randomInt(0x10000));
    if (typeof query === 'string') return bad(query);
    return await exchangeDatagrams(connectTarget(endpoint, destination), signal, new DnsTalk(query));
  },
};

class DnsTalk implements DatagramTalk {
  readonly #query: DnsQuery;
  #others = 0;

  constructor(query: DnsQuery) {
    this.#query = query;
  }

  get question(): Uint8Array {
    return this.#query.bytes;
  }

  hear(datagram: Buffer): Verdict | undefined {
    const answer = decodeDnsAnswer(datagram, this.#query);
    if (answer.kind === 'other') {
      this.#others += 1;
      return undefined;
    }
    if (answer.rcode !== 'NOERROR') return bad(answer.rcode);
    const records = answer.records === 1 ? '1 record' : `${answer.records} records`;
    return good(`NOERROR, ${records}${answer.truncated ? ', truncated' : ''}`);
  }

  timedOut(): Verdict {
    return bad(this.#others === 0 ? 'no answer' : 'no answer to this query, but other datagrams');
  }
}
