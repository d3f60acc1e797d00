import { type IpAddress, parseIpAddress } from '../../src/model/address.ts';
import { type Destination, IPIP_TUNNEL } from '../../src/model/destination.ts';
import {
  NO_SCHEDULER_FLAGS,
  type Protocol,
  type ServiceId,
  type ServiceSettings,
} from '../../src/model/service.ts';
import type { FirewallMark, Port, PrefixLength, Weight } from '../../src/model/unit.ts';

/** Short ways to write the parts of a table in tests. */

export function ip(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined) throw new TypeError(`${text} is no address`);
  return address;
}

export function serviceOn(address: string, port = 80, protocol: Protocol = 'tcp'): ServiceId {
  return { kind: 'address', protocol, address: ip(address), port: port as Port };
}

export function serviceOnMark(mark: number, family: 'inet' | 'inet6' = 'inet'): ServiceId {
  return { kind: 'fwmark', fwmark: mark as FirewallMark, family };
}

/** Round robin without persistence, on IPv4 unless said otherwise. */
export function settings(changes: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    scheduler: 'rr',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: ip('255.255.255.255'),
    onePacket: false,
    ...changes,
  };
}

export const HOST_PREFIX = 128 as PrefixLength;

/** A masquerade destination of weight 1. */
export function destinationOn(address: string, changes: Partial<Destination> = {}): Destination {
  return {
    address: ip(address),
    port: 80 as Port,
    forwarding: 'masquerade',
    weight: 1 as Weight,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: IPIP_TUNNEL,
    ...changes,
  };
}
