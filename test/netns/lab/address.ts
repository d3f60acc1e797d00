import type { Family } from '../../../src/model/address.ts';

/**
 * The addresses of the lab; each host is a network namespace:
 *
 *     client  eth0 10.1.0.2, fd01::2 -------- eth0 10.1.0.1, fd01::1  lvs1
 *             eth1 10.3.0.2, fd03::2           eth1 10.2.0.1, fd02::1
 *              |                                |
 *              +---- lan, a bridge in switch ---+---- eth0 10.2.0.11, fd02::11 and on: rs1, rs2 ...
 *
 * A second director, lvs2, has 10.1.0.3 and 10.2.0.2; the client's eth0 then ends at a bridge, front, too.
 *
 * Every address of 192.0.2.0/24 and 2001:db8::/64 is a VIP: local to the directors, and to the servers, for direct routing and
 * tunnels. Answers to 10.1.0.2 go through lvs1, as NAT needs it; those to 10.3.0.2 go straight, past it.
 */
export const CLIENT_ADDRESSES = {
  inet: { throughDirector: '10.1.0.2', pastDirector: '10.3.0.2' },
  inet6: { throughDirector: 'fd01::2', pastDirector: 'fd03::2' },
} as const satisfies Record<Family, unknown>;

/** Prefixes that hold nothing but VIPs. */
export const VIRTUAL_PREFIXES = { inet: '192.0.2.0/24', inet6: '2001:db8::/64' } as const;

/** The VIP that servers answer datagrams on unless told otherwise. */
export const VIRTUAL_ADDRESSES = { inet: '192.0.2.10', inet6: '2001:db8::10' } as const;

export const FAMILIES = ['inet', 'inet6'] as const satisfies readonly Family[];

/** Of server 1, 2 ... (`rs1`, `rs2` ...). */
export function serverAddress(family: Family, number: number): string {
  return family === 'inet' ? `10.2.0.${10 + number}` : `fd02::${10 + number}`;
}

/** Of director 1 or 2, towards the client (`front`) or the servers (`lan`). */
export function directorAddress(family: Family, number: number, side: 'front' | 'lan'): string {
  // 10.1.0.2 is the client.
  const last = side === 'front' && number === 2 ? 3 : number;
  if (family === 'inet') return side === 'front' ? `10.1.0.${last}` : `10.2.0.${last}`;
  return side === 'front' ? `fd01::${last}` : `fd02::${last}`;
}
