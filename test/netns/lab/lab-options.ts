import type { Host } from './host.ts';
import type { LabOwner } from './site.ts';

export interface LabOptions {
  /** `lab` unless given. */
  readonly owner?: LabOwner;
  /** 1 to 9; 3 unless given. */
  readonly servers?: number;
  /** 1 unless given. */
  readonly directors?: 1 | 2;
  /** Bytes of every link, or of those towards the client and of those of the lan; 1500 unless given. */
  readonly mtu?: number | { readonly front: number; readonly lan: number };
  /**
   * Offloads of every device. veth has all but `gro` on by itself: packets then travel with unfinished checksums, and as large
   * as TCP made them. `false` turns all four off; what is not named stays. With `gro` on a device can be the peer of one that an
   * XDP program redirects to.
   */
  readonly offload?: false | Partial<Readonly<Record<Offload, boolean>>>;
  /** Makes a server take packets out of tunnels; the kernel's tunnel devices may be missing. Runs when the lab is wired. */
  readonly acceptTunnels?: (server: Host) => Promise<void>;
}

export const OFFLOADS = ['tx', 'tso', 'gso', 'gro'] as const;
export type Offload = (typeof OFFLOADS)[number];

/** The MTUs of the two sides. */
export function mtuOf({ mtu = 1500 }: LabOptions): { readonly front: number; readonly lan: number } {
  return typeof mtu === 'number' ? { front: mtu, lan: mtu } : mtu;
}

/** What `ethtool -K DEVICE` is to be told. */
export function offloadWords({ offload = {} }: LabOptions): readonly string[] {
  return OFFLOADS.flatMap((name) => {
    const on = offload === false ? false : offload[name];
    return on === undefined ? [] : [name, on ? 'on' : 'off'];
  });
}
