import type { IpAddress } from './address.ts';
import type { Brand } from './brand.ts';
import { hostPort } from './service.ts';
import type { Port, Weight } from './unit.ts';

/**
 * How packets reach a destination: `masquerade` (NAT, -m), `direct` (direct routing, -g), `tunnel` (-i);
 * `local` and `bypass` exist in the kernel's interface only (IP_VS_CONN_F_LOCALNODE, _BYPASS).
 */
export type ForwardingMethod = 'masquerade' | 'direct' | 'tunnel' | 'local' | 'bypass';

/** Encapsulation towards a destination that is reached by tunnel. */
export interface Tunnel {
  readonly type: 'ipip' | 'gue' | 'gre';
  /** UDP port of a GUE tunnel; 0 for the others. */
  readonly port: Port;
  readonly checksum: 'none' | 'checksum' | 'remote';
}

/** The default tunnel: IP in IP, without port and checksum. */
export const IPIP_TUNNEL: Tunnel = { type: 'ipip', port: 0 as Port, checksum: 'none' };

/** What identifies a destination within its service; the forwarding method does not. */
export interface DestinationId {
  readonly address: IpAddress;
  readonly port: Port;
}

/** A {@link DestinationId} as one string: `10.0.0.11:80`. */
export type DestinationKey = Brand<string, 'DestinationKey'>;

/** Everything about a destination but its identity. */
export interface DestinationSettings {
  readonly forwarding: ForwardingMethod;
  readonly weight: Weight;
  /** Connections from which on the destination takes no new ones; 0 for no limit. */
  readonly upperThreshold: number;
  /** Connections below which an overloaded destination takes new ones again; 0 for three quarters of the upper one. */
  readonly lowerThreshold: number;
  /** Kept for every method, as the kernel does; it has a meaning only where `forwarding` is `tunnel`. */
  readonly tunnel: Tunnel;
  /**
   * Whether the relay engine announces the client to this destination by the PROXY protocol, version 2.
   * An edit that leaves it out keeps it: `ipvsadm` does not know the option.
   */
  readonly proxyProtocol?: 'v2' | 'off';
}

/** A real server of a virtual service. */
export interface Destination extends DestinationId, DestinationSettings {}

/** The {@link DestinationId} as a string, for maps and messages; `parseHostPort` reads it back. */
export function destinationKey(id: DestinationId): DestinationKey {
  return hostPort(id.address, id.port) as string as DestinationKey;
}
