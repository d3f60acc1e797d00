import { familyOf, type IpAddress } from '../../model/address.ts';
import type { CheckEndpoint } from '../../model/check.ts';
import type { DestinationId } from '../../model/destination.ts';
import { hostPort } from '../../model/service.ts';
import type { FirewallMark, Port } from '../../model/unit.ts';

/** A {@link CheckEndpoint} with the destination's address and port in the place of those that are absent. */
export interface ConnectTarget extends CheckEndpoint {
  readonly address: IpAddress;
  /** 0 where neither has one. */
  readonly port: Port;
}

/** Where a check of the destination connects to. */
export function connectTarget(endpoint: CheckEndpoint, destination: DestinationId): ConnectTarget {
  return {
    ...endpoint,
    address: endpoint.address ?? destination.address,
    port: endpoint.port ?? destination.port,
  };
}

/** `10.0.0.11:80`, and where it matters the way there: `[fe80::1]:80 by eth0 with mark 3`. */
export function describeTarget(target: ConnectTarget): string {
  return hostPort(target.address, target.port) + wayTo(target.interface, target.mark);
}

/** Why nothing can be sent to a target, whatever the network says; undefined where something can. */
export function obstacleTo(target: ConnectTarget): string | undefined {
  if (target.port === 0) return 'there is no port to connect to: give the check one';
  if (LINK_LOCAL.test(target.address) && target.interface === undefined)
    return 'a link-local address needs an interface: give the check one';
  if (target.sourceAddress !== undefined && familyOf(target.sourceAddress) !== familyOf(target.address))
    return 'the source address is of the other family';
  return undefined;
}

/** fe80::/10 (RFC 4291, section 2.5.6). */
const LINK_LOCAL = /^fe[89ab][0-9a-f]:/;

/** Empty, or ` by eth0 with mark 3`. */
export function wayTo(device: string | undefined, mark: FirewallMark | undefined): string {
  return `${device === undefined ? '' : ` by ${device}`}${mark === undefined ? '' : ` with mark ${mark}`}`;
}
