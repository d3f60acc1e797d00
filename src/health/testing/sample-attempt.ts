import { parseIpAddress } from '../../model/address.ts';
import type { Probe } from '../../model/check.ts';
import { type Destination, IPIP_TUNNEL } from '../../model/destination.ts';
import type { Port, Weight } from '../../model/unit.ts';
import type { Attempt } from '../checker.ts';

/** An attempt for tests: the given probe of a TCP service's destination on loopback, that is never aborted. */
export function sampleAttempt<P extends Probe>(probe: P, changes: Partial<Attempt<P>> = {}): Attempt<P> {
  return {
    probe,
    endpoint: {},
    service: { kind: 'address', protocol: 'tcp', address: address('192.0.2.10'), port: 80 as Port },
    destination: sampleDestination({}),
    signal: new AbortController().signal,
    ...changes,
  };
}

/** A destination for tests: 127.0.0.1:80 by masquerading. */
export function sampleDestination(changes: Partial<Destination>): Destination {
  return {
    address: address('127.0.0.1'),
    port: 80 as Port,
    forwarding: 'masquerade',
    weight: 1 as Weight,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: IPIP_TUNNEL,
    ...changes,
  };
}

function address(text: string) {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new RangeError(`no address: ${text}`);
  return parsed;
}
