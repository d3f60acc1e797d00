import type { VirtualAddress, VirtualRoute, VirtualRule } from '../../model/vrrp.ts';

/** What a virtual router has the host have while it is master. */
export interface MasterBelongings {
  /** The interface of addresses and routes that name none. */
  readonly interface: string;
  /** Whether that interface has the virtual MAC address: it is up while it is master, and not otherwise. */
  readonly isVirtualLink?: true;
  /** Whose addresses they are, where packets to them are kept out; absent: they are let in. */
  readonly guardedFor?: string;
  readonly addresses: readonly VirtualAddress[];
  readonly routes: readonly VirtualRoute[];
  readonly rules: readonly VirtualRule[];
}

/**
 * Gives a host what belongs to a master, and takes it away. Each does what it can, and rejects with the first failure after that; else it
 * resolves to what had to be changed, in words for people.
 */
export interface MasterHost {
  /** What is there already stays. */
  take(belongings: MasterBelongings): Promise<readonly string[]>;
  /** What is not there any more is no failure. */
  give(belongings: MasterBelongings): Promise<readonly string[]>;
}
