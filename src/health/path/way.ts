import { setTimeout as pause } from 'node:timers/promises';
import { type Family, familyOf, type IpAddress, parseIpAddress } from '../../model/address.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { Neighbour, NeighbourState } from '../../netlink/route/neighbour.ts';
import type { Route } from '../../netlink/route/route.ts';
import type { RouteNetlink } from '../../netlink/route/route-netlink.ts';
import { CheckFailure } from '../connect/talk.ts';
import type { PathPlan } from './path-plan.ts';

/** How packets for a destination leave this host. */
export interface Way {
  /** Index of the interface. */
  readonly index: number;
  /** The next host's link-layer address; empty on links that have none. */
  readonly linkLayerAddress: Uint8Array;
  /** This host's address of the server's family, which the answer comes to. */
  readonly source: IpAddress;
  /** This host's address of the destination's family, for what is around the packet. */
  readonly outerSource: IpAddress;
}

/** What is asked of rtnetlink. */
export type WayNetlink = Pick<RouteNetlink, 'links' | 'routes' | 'neighbours' | 'addresses'>;

/** IFF_NOARP, linux/if.h: a link whose hosts have no addresses of their own. */
const IFF_NOARP = 0x80;
/** NUD_VALID, net/neighbour.h. */
const VALID: readonly NeighbourState[] = ['permanent', 'noarp', 'reachable', 'probe', 'stale', 'delay'];
const LOOK_AGAIN_MS = 20;

/**
 * The way to the plan's destination, by ARP or neighbour discovery where it takes that. Throws a CheckFailure where there
 * is none.
 */
export async function findWay(plan: PathPlan, netlink: WayNetlink, signal: AbortSignal): Promise<Way> {
  const { via, endpoint } = plan;
  const [route] = await netlink.routes.lookUpAll([via]);
  if (route?.type === 'local')
    throw new CheckFailure(`${via} is this host itself, so there is no path to check: give it another check`);
  if (route?.type !== 'unicast' || route.index === undefined)
    throw new CheckFailure(`there is no route to ${via}`);
  const link = await netlink.links.find(route.index);
  if (link === undefined || !link.up) throw new CheckFailure(`the interface to ${via} is down`);
  if (endpoint.interface !== undefined && endpoint.interface !== link.name)
    throw new CheckFailure(`packets to ${via} leave by ${link.name}, not by ${endpoint.interface}`);
  const linkLayerAddress =
    (link.flags & IFF_NOARP) === 0
      ? await resolveNeighbour(route.index, route.gateway ?? via, netlink, signal)
      : new Uint8Array();
  const source = await chooseSource(plan, familyOf(plan.server), route, netlink);
  const outerSource =
    familyOf(source) === familyOf(via) ? source : await chooseSource(plan, familyOf(via), route, netlink);
  return { index: route.index, linkLayerAddress, source, outerSource };
}

/**
 * The address that was asked for, or the route's, or the interface's; never the VIP, which the server would take for its
 * own.
 */
async function chooseSource(
  { server, endpoint }: PathPlan,
  family: Family,
  { index, preferredSource }: Route,
  netlink: WayNetlink,
): Promise<IpAddress> {
  if (endpoint.sourceAddress !== undefined && familyOf(endpoint.sourceAddress) === family)
    return endpoint.sourceAddress;
  const listed = await netlink.addresses.list(index);
  const candidates = [
    preferredSource,
    ...listed.filter(({ scope, tentative }) => scope === 0 && !tentative).map(({ address }) => address),
  ];
  for (const text of candidates) {
    const address = text === undefined ? undefined : parseIpAddress(text);
    if (address !== undefined && address !== server && familyOf(address) === family) return address;
  }
  const name = family === 'inet6' ? 'IPv6' : 'IPv4';
  throw new CheckFailure(
    `this host has no ${name} address on the way that the server could answer: give the check a source address`,
  );
}

async function resolveNeighbour(
  index: number,
  address: string,
  { neighbours }: WayNetlink,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const protocol = address.includes(':') ? 'neighbour discovery' : 'ARP';
  for (let asked = false; ; asked = true) {
    const found = (await neighbours.list(index)).find((neighbour) => neighbour.address === address);
    const bytes = usableAddress(found);
    if (bytes !== undefined) return bytes;
    if (asked && found?.state === 'failed') throw new CheckFailure(`${address} does not answer ${protocol}`);
    if (!asked)
      await neighbours.resolve(index, address).catch((error: unknown) => {
        throw error instanceof NetlinkError && error.code === 'EPERM'
          ? new CheckFailure(`may not ask for the link-layer address of ${address}: it takes CAP_NET_ADMIN`)
          : error;
      });
    await pause(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {
      throw new CheckFailure(`${address} does not answer ${protocol}`);
    });
  }
}

/** The link-layer address in bytes; undefined where it is unknown. */
function usableAddress(neighbour: Neighbour | undefined): Uint8Array | undefined {
  if (neighbour === undefined || !VALID.includes(neighbour.state)) return undefined;
  if (neighbour.linkLayerAddress === undefined) return undefined;
  return Uint8Array.from(neighbour.linkLayerAddress.split(':'), (byte) => Number.parseInt(byte, 16));
}
