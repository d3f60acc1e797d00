import type { Data } from './data.ts';
import type { Ethernet } from './ethernet.ts';
import type { Gre } from './gre.ts';
import type { Gue } from './gue.ts';
import type { Icmp } from './icmp.ts';
import type { Ipv4 } from './ipv4.ts';
import type { Ipv6 } from './ipv6.ts';
import type { Ipv6Extension } from './ipv6-extension.ts';
import type { Ipv6Fragment } from './ipv6-fragment.ts';
import type { Ports } from './ports.ts';
import type { Sctp } from './sctp.ts';
import type { Tcp } from './tcp.ts';
import type { Udp } from './udp.ts';
import type { Vlan } from './vlan.ts';

/**
 * One header of a packet. A packet is the list of its headers from the outside to the inside, tunnels and what an ICMP error
 * quotes included; `build` makes bytes of it, `parse` gives it back.
 *
 * What follows from the rest is not in it: lengths, and the number that tells which header comes next. It is there only where
 * the packet says something else, or where the next header is {@link Data} or missing.
 */
export type Layer =
  | Ethernet
  | Vlan
  | Ipv4
  | Ipv6
  | Ipv6Extension
  | Ipv6Fragment
  | Tcp
  | Udp
  | Sctp
  | Icmp
  | Gue
  | Gre
  | Ports
  | Data;

export type LayerKind = Layer['layer'];

/** What the constructor of a layer takes: `Needed` fields, and the others for which it has defaults. */
export type Fields<T extends { readonly layer: string }, Needed extends keyof T = never> = Partial<
  Omit<T, 'layer'>
> &
  Pick<T, Needed>;
