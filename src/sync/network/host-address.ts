import type { NetworkInterfaceInfo } from 'node:os';
import { addressBytes, familyOf, type IpAddress, parseIpAddress } from '../../model/address.ts';

/** An address that an interface of this host has. */
export interface HostAddress {
  readonly interface: string;
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** What node:os tells of the interfaces that are up and have a carrier, in the order of the system. */
export function hostAddresses(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): readonly HostAddress[] {
  return Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.flatMap(({ address: text, cidr }) => {
      const address = parseIpAddress(text);
      const prefixLength = Number(cidr?.split('/')[1]);
      return address === undefined || Number.isNaN(prefixLength)
        ? []
        : [{ interface: name, address, prefixLength }];
    }),
  );
}

/**
 * The address that an interface sends to a group from; undefined where it has none of that family. The one that is used already stays while it
 * is there. Groups of the link (ff02::) are sent to from an address of the link, others rather not.
 */
export function addressFor(
  group: IpAddress,
  device: string,
  addresses: readonly HostAddress[],
  used?: IpAddress,
): IpAddress | undefined {
  const candidates = addresses
    .filter(({ interface: name, address }) => name === device && familyOf(address) === familyOf(group))
    .map(({ address }) => address);
  if (used !== undefined && candidates.includes(used)) return used;
  const wantsLinkLocal = isLinkLocal(group);
  return candidates.find((address) => isLinkLocal(address) === wantsLinkLocal) ?? candidates[0];
}

/** Whether an address is in a network that the interface is connected to. */
export function isNeighbour(peer: IpAddress, device: string, addresses: readonly HostAddress[]): boolean {
  return addresses.some(
    ({ interface: name, address, prefixLength }) =>
      name === device &&
      familyOf(address) === familyOf(peer) &&
      haveCommonPrefix(address, peer, prefixLength),
  );
}

/** Of IPv6: an address, or a multicast group, that means something on its link alone (RFC 4291 section 2.5.6 and 2.7). */
export function isLinkLocal(address: IpAddress): boolean {
  if (familyOf(address) === 'inet') return false;
  const [first = 0, second = 0] = addressBytes(address);
  return first === 0xff ? (second & 0x0f) <= 2 : first === 0xfe && (second & 0xc0) === 0x80;
}

function haveCommonPrefix(one: IpAddress, other: IpAddress, length: number): boolean {
  const [left, right] = [addressBytes(one), addressBytes(other)];
  return left.every((byte, index) => {
    const bits = Math.min(Math.max(length - 8 * index, 0), 8);
    return (byte ^ (right[index] ?? 0)) >>> (8 - bits) === 0;
  });
}
