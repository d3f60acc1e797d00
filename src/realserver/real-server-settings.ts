import type { IpAddress } from '../model/address.ts';

/** How tunnelled packets are wrapped: RFC 2003 and its likes for IPv6, draft-ietf-intarea-gue, RFC 2784. */
export type TunnelKind = (typeof TUNNEL_KINDS)[number];
export const TUNNEL_KINDS = ['ipip', 'gue', 'gre'] as const;

/** Who takes the outer headers off: the kernel's tunnel devices, vipr's own program, or the first of the two that there is. */
export type Decapsulation = (typeof DECAPSULATIONS)[number];
export const DECAPSULATIONS = ['auto', 'kernel', 'bpf'] as const;

/** The port that IANA has assigned to GUE. */
export const GUE_PORT = 6080;

/** A form of tunnel that is accepted. */
export interface Tunnel {
  readonly kind: TunnelKind;
  /** UDP port; of `gue` only. */
  readonly port?: number | undefined;
}

/** What a host is to be a real server for. */
export interface RealServerSettings {
  /** Virtual addresses that it takes packets for. */
  readonly virtualAddresses: readonly IpAddress[];
  /** None: direct routing. */
  readonly tunnels: readonly Tunnel[];
  /** Where requests come in; undefined: anywhere. */
  readonly interfaces?: readonly string[] | undefined;
  readonly decapsulation: Decapsulation;
  /** Where vipr's own program is pinned; undefined: at the usual place. */
  readonly bpfDirectory?: string | undefined;
}

/** What serves both: a host that was set up for one thing, and is to serve another one too. */
export function mergeSettings(
  before: RealServerSettings | undefined,
  added: RealServerSettings,
): RealServerSettings {
  if (before === undefined) return added;
  const interfaces =
    before.interfaces === undefined || added.interfaces === undefined
      ? undefined
      : [...new Set([...before.interfaces, ...added.interfaces])];
  return {
    virtualAddresses: [...new Set([...before.virtualAddresses, ...added.virtualAddresses])],
    tunnels: [
      ...before.tunnels,
      ...added.tunnels.filter((tunnel) => !before.tunnels.some((other) => sameTunnel(tunnel, other))),
    ],
    interfaces,
    // Who set up direct routing alone did not choose; a choice that was made stays until another one is.
    decapsulation: added.decapsulation === 'auto' ? before.decapsulation : added.decapsulation,
    bpfDirectory: added.bpfDirectory ?? before.bpfDirectory,
  };
}

export function sameTunnel(one: Tunnel, other: Tunnel): boolean {
  return one.kind === other.kind && one.port === other.port;
}

/** `ipip`, `gue port 6080` */
export function tunnelName({ kind, port }: Tunnel): string {
  return port === undefined ? kind : `${kind} port ${port}`;
}
