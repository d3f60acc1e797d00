import { type IpAddress, parseIpAddress } from '../../../model/address.ts';
import type { Link } from '../../../netlink/route/link.ts';
import type { Neighbour, NeighbourState } from '../../../netlink/route/neighbour.ts';
import type { Route } from '../../../netlink/route/route.ts';
import { type NextHop, UNRESOLVED } from './next-hop.ts';

/** ARPHRD_ETHER, linux/if_arp.h */
const ETHERNET = 1;

/** Where the neighbour of a way is, whose link-layer address packets need. */
export interface NeighbourPlace {
  readonly index: number;
  readonly address: string;
}

/** Undefined where a way needs no neighbour: this host itself, or nowhere. */
export function neighbourOf(address: string, route: Route | undefined): NeighbourPlace | undefined {
  if (route?.type !== 'unicast' || route.index === undefined) return undefined;
  return { index: route.index, address: route.gateway ?? address };
}

/** What is known of a way from the route, the link and the neighbour that it uses. */
export function findNextHop(
  route: Route | undefined,
  link: Link | undefined,
  neighbour: Neighbour | undefined,
): NextHop {
  if (route?.type === 'local') return { ...UNRESOLVED, local: true, ...sourceOf(route) };
  if (route?.type !== 'unicast' || link === undefined) return UNRESOLVED;
  const destination = isValid(neighbour) ? bytesOf(neighbour.linkLayerAddress) : undefined;
  const source = link.hardware === ETHERNET && link.up ? bytesOf(link.address) : undefined;
  return {
    local: false,
    index: link.index,
    mtu: route.mtu ?? link.mtu,
    ...(destination !== undefined && source !== undefined && { ethernet: { destination, source } }),
    ...sourceOf(route),
  };
}

/** NUD_VALID, net/neighbour.h: the link-layer address may be used. */
const VALID: readonly NeighbourState[] = ['permanent', 'noarp', 'reachable', 'probe', 'stale', 'delay'];

function isValid(neighbour: Neighbour | undefined): neighbour is Neighbour {
  return neighbour !== undefined && VALID.includes(neighbour.state);
}

/** The link-layer address by which packets may go to a neighbour. */
export function usableAddress(neighbour: Neighbour | undefined): string | undefined {
  return isValid(neighbour) ? neighbour.linkLayerAddress : undefined;
}

function sourceOf({ preferredSource }: Route): { readonly source?: IpAddress } {
  const source = preferredSource === undefined ? undefined : parseIpAddress(preferredSource);
  return source === undefined ? {} : { source };
}

/** Of `02:00:00:00:00:01`; undefined for link layers other than Ethernet's. */
function bytesOf(address: string | undefined): Uint8Array | undefined {
  const bytes = Uint8Array.from(address?.split(':') ?? [], (byte) => Number.parseInt(byte, 16));
  return bytes.length === 6 ? bytes : undefined;
}
