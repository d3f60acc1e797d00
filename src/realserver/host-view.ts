import { type Family, familyOf, type IpAddress } from '../model/address.ts';
import type { InterfaceAddress } from '../netlink/route/interface-address.ts';
import type { Link } from '../netlink/route/link.ts';
import { type Route, RT_TABLE_MAIN } from '../netlink/route/route.ts';
import type { Host } from './host.ts';

/** linux/if_arp.h, linux/if.h, linux/rtnetlink.h */
const ARPHRD_ETHER = 1;
const IFF_LOOPBACK = 0x8;
const IFF_NOARP = 0x80;
const RT_SCOPE_LINK = 253;

/** The host's network at one moment, as the requirements look at it. */
export interface HostView {
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
  /** Of the table `main`, both families. */
  readonly defaultRoutes: readonly Route[];
}

export async function viewHost({ netlink }: Host): Promise<HostView> {
  const [links, addresses, routes] = [
    await netlink.links.list(),
    await netlink.addresses.list(),
    await netlink.routes.list({ table: RT_TABLE_MAIN }),
  ];
  const defaultRoutes = routes.filter(
    ({ destination, type }) => destination === undefined && type === 'unicast',
  );
  return { links, addresses, defaultRoutes };
}

/** Answers neighbours who ask for its addresses: ARP for IPv4, neighbour discovery for IPv6. */
export function answersNeighbours({ flags }: Link): boolean {
  return (flags & (IFF_LOOPBACK | IFF_NOARP)) === 0;
}

/** Those where requests come in by ARP: the named ones, or all that speak it. */
export function arpLinks({ links }: HostView, names: readonly string[] | undefined): readonly Link[] {
  return links.filter((link) =>
    names === undefined
      ? link.hardware === ARPHRD_ETHER && answersNeighbours(link)
      : names.includes(link.name),
  );
}

/** Those where tunnelled packets come in: the named ones, or the Ethernets that are up and have an address that others know. */
export function tunnelLinks(
  view: HostView,
  names: readonly string[] | undefined,
  virtual: ReadonlySet<string>,
): readonly Link[] {
  return view.links.filter((link) => {
    if (names !== undefined) return names.includes(link.name);
    const known = view.addresses.some(
      ({ index, address, scope }) => index === link.index && scope < RT_SCOPE_LINK && !virtual.has(address),
    );
    return link.hardware === ARPHRD_ETHER && link.up && known;
  });
}

/** Addresses that a director may send tunnelled packets to: everybody's but the virtual ones, also those on lo. */
export function ownAddresses({ addresses }: HostView, virtual: ReadonlySet<string>): readonly string[] {
  const own = addresses.filter(({ address, scope }) => scope < RT_SCOPE_LINK && !virtual.has(address));
  return [...new Set(own.map(({ address }) => address))].sort();
}

export function familiesOf(addresses: readonly string[]): ReadonlySet<Family> {
  return new Set(addresses.map((address) => familyOf(address as IpAddress)));
}
