import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type IpAddress, parseIpAddress } from '../../model/address.ts';
import type { Destination, ForwardingMethod } from '../../model/destination.ts';
import type { ServiceId } from '../../model/service.ts';
import type { FirewallMark, Port } from '../../model/unit.ts';
import { sampleDestination } from '../testing/sample-attempt.ts';
import { type PathSubject, planPath } from './path-plan.ts';
import { describePath } from './path-words.ts';

const VIP = address('192.0.2.10');
const SERVER = address('10.0.0.11');

describe('planPath', () => {
  const PLANS: [ForwardingMethod, Partial<Destination>, PathSubject['endpoint'], string][] = [
    ['direct', {}, {}, '192.0.2.10:80 by direct routing to 10.0.0.11'],
    ['direct', {}, { port: 8080 as Port }, '192.0.2.10:8080 by direct routing to 10.0.0.11'],
    ['direct', {}, { address: address('10.0.0.12') }, '192.0.2.10:80 by direct routing to 10.0.0.12'],
    ['tunnel', {}, {}, '192.0.2.10:80 through the ipip tunnel to 10.0.0.11'],
    [
      'tunnel',
      { tunnel: { type: 'gue', port: 6080 as Port, checksum: 'none' } },
      {},
      '192.0.2.10:80 through the GUE tunnel of port 6080 to 10.0.0.11',
    ],
    ['tunnel', { address: address('fd00::11') }, {}, '192.0.2.10:80 through the ipip tunnel to fd00::11'],
    ['masquerade', { port: 8080 as Port }, {}, '10.0.0.11:8080 by masquerading'],
    ['masquerade', { port: 0 as Port }, {}, '10.0.0.11:80 by masquerading'],
  ];
  for (const [forwarding, destination, endpoint, text] of PLANS)
    it(`leads to ${text}`, () => {
      const subject = subjectOf({ ...destination, forwarding });
      assert.equal(describePath(planPath({ ...subject, endpoint })), text);
    });

  const mark = { kind: 'fwmark', fwmark: 3 as FirewallMark, family: 'inet' } as const;
  const REFUSALS: [string, PathSubject, RegExp][] = [
    ['a firewall mark', subjectOf({}, mark), /firewall mark has no address/],
    ['UDP', subjectOf({}, service({ protocol: 'udp' })), /this service is of udp/],
    ['SCTP', subjectOf({}, service({ protocol: 'sctp' })), /this service is of sctp/],
    ['every port', subjectOf({ forwarding: 'direct' }, service({ port: 0 as Port })), /has every port/],
    ['a local destination', subjectOf({ forwarding: 'local' }), /not sent to a destination by local/],
    [
      'direct routing between families',
      subjectOf({ forwarding: 'direct', address: address('fd00::11') }),
      /of one family/,
    ],
  ];
  for (const [what, subject, reason] of REFUSALS)
    it(`says why ${what} cannot be checked`, () => assert.throws(() => planPath(subject), reason));
});

function subjectOf(destination: Partial<Destination>, id: ServiceId = service({})): PathSubject {
  return {
    service: id,
    destination: sampleDestination({ address: SERVER, ...destination }),
    endpoint: {},
  };
}

function service(changes: Partial<Extract<ServiceId, { kind: 'address' }>>): ServiceId {
  return { kind: 'address', protocol: 'tcp', address: VIP, port: 80 as Port, ...changes };
}

function address(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  assert.ok(parsed, text);
  return parsed;
}
