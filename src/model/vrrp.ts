import type { Family, IpAddress } from './address.ts';
import type { NotifyFifo } from './monitoring.ts';
import type { ScriptCommand } from './script-command.ts';
import type { ServiceKey } from './service.ts';
import type { Milliseconds } from './unit.ts';

/** An address that the master has, as ip-address(8) sets it. */
export interface VirtualAddress {
  readonly address: IpAddress;
  /** 1 to 32, or to 128. */
  readonly prefixLength: number;
  /** Absent: the instance's. */
  readonly interface?: string;
  /** IPv4 only, at most 15 characters. */
  readonly label?: string;
  /** Absent: global. */
  readonly scope?: 'global' | 'site' | 'link' | 'host';
}

/** A route that the master has, as ip-route(8) sets it. */
export interface VirtualRoute {
  /** Absent for the default route. */
  readonly destination?: { readonly address: IpAddress; readonly prefixLength: number };
  readonly via?: IpAddress;
  readonly source?: IpAddress;
  readonly interface?: string;
  readonly table?: number;
  readonly metric?: number;
  readonly scope?: 'global' | 'site' | 'link' | 'host';
}

/** A routing rule that the master has, as ip-rule(8) sets it. */
export interface VirtualRule {
  readonly from?: { readonly address: IpAddress; readonly prefixLength: number };
  readonly to?: { readonly address: IpAddress; readonly prefixLength: number };
  readonly table: number;
  readonly preference?: number;
}

/** When the master tells its neighbours where the virtual addresses are: gratuitous ARP, unsolicited neighbour advertisements. */
export interface AnnouncementSettings {
  /** From becoming master to the second volley; 0 for none. */
  readonly delay: Milliseconds;
  /** Messages of a volley for each address; from 1. */
  readonly repeat: number;
  /** From volley to volley while it is master; 0 for none. */
  readonly refresh: Milliseconds;
  readonly refreshRepeat: number;
  /** The second volley after an advertisement of lower priority was heard; absent: `delay`. */
  readonly lowerPriorityDelay?: Milliseconds;
  /** Absent: `repeat`. */
  readonly lowerPriorityRepeat?: number;
}

/**
 * Something that lowers, raises or ends an instance's claim. A weight of 0 means FAULT while it is down, of `reverse` things while they
 * are up. Weights of what is `reverse` count with the other sign.
 */
export type Tracked =
  | { readonly kind: 'interface'; readonly name: string; readonly weight: number; readonly reverse?: boolean }
  /** The name of a {@link TrackScript}; a weight there is overridden here. */
  | { readonly kind: 'script'; readonly name: string; readonly weight?: number; readonly reverse?: boolean }
  /** The number in the file is multiplied with the weight and added to the priority; with weight 0 it means FAULT unless it is 0. */
  | { readonly kind: 'file'; readonly path: string; readonly weight: number; readonly reverse?: boolean }
  /** Up while a process of this name, or of this path, runs. */
  | { readonly kind: 'process'; readonly name: string; readonly weight: number; readonly reverse?: boolean }
  /** Up while the service has its quorum. */
  | { readonly kind: 'service'; readonly service: ServiceKey; readonly weight: number };

/** A script whose exit code is tracked. */
export interface TrackScript {
  readonly name: string;
  readonly command: ScriptCommand;
  readonly interval: Milliseconds;
  readonly timeout: Milliseconds;
  /** -253 to 253. */
  readonly weight: number;
  readonly rise: number;
  readonly fall: number;
  /** Whether it counts as failed until its first result. */
  readonly initFail: boolean;
}

/** Scripts that run when the state of an instance or group changes. */
export interface VrrpNotify {
  readonly master?: ScriptCommand;
  readonly backup?: ScriptCommand;
  readonly fault?: ScriptCommand;
  readonly stop?: ScriptCommand;
  /** Runs at every change, with type, name, state and priority as further arguments. */
  readonly any?: ScriptCommand;
}

/** A virtual router on one interface (RFC 9568). */
export interface VrrpInstanceSettings {
  /** Unique among instances. */
  readonly name: string;
  readonly interface: string;
  readonly family: Family;
  /** 2 is for IPv4 only (RFC 3768). */
  readonly version: 2 | 3;
  /** 1 to 255. */
  readonly virtualRouterId: number;
  /** 1 to 255; 255 is the owner of the addresses. */
  readonly priority: number;
  readonly initialState: 'master' | 'backup';
  /** Version 2: whole seconds from 1 to 255; version 3: from 10 ms to 40.95 s in steps of 10 ms. */
  readonly advertisementInterval: Milliseconds;
  /** Version 2 only: PASS, at most 8 bytes, which travel in clear. */
  readonly password?: string;
  /**
   * Version 3 over IPv4 only: whether the checksum covers a pseudo-header, as keepalived has it unless told otherwise; RFC 9568 5.2.8
   * says that it does not. Either is taken from others.
   */
  readonly pseudoHeaderChecksum: boolean;
  readonly preempt: boolean;
  /** How long a higher priority waits before it preempts; 0 to 1000 s. */
  readonly preemptDelay: Milliseconds;
  /** Named in advertisements. At least one. */
  readonly addresses: readonly VirtualAddress[];
  /** Set with the others, and not named in advertisements. */
  readonly excludedAddresses: readonly VirtualAddress[];
  readonly routes: readonly VirtualRoute[];
  readonly rules: readonly VirtualRule[];
  /** Absent: multicast to 224.0.0.18 or ff02::12. */
  readonly unicastPeers?: readonly IpAddress[];
  /** Where advertisements come from; absent: the interface's first address, for IPv6 its link-local one. */
  readonly sourceAddress?: IpAddress;
  /** The virtual MAC address of the RFC, by a macvlan of this name; `transmitBase` has advertisements come from the interface's own. */
  readonly virtualMac?: { readonly interface: string; readonly transmitBase: boolean };
  /** Whether packets to the virtual addresses are taken by whoever is not their owner. */
  readonly accept: boolean;
  /** Whether it goes on while its own interface is down, which is FAULT otherwise. */
  readonly untrackedInterface?: true;
  readonly announcements: AnnouncementSettings;
  /** Whether advertisements that name other addresses are refused. */
  readonly checkAddresses: boolean;
  readonly tracked: readonly Tracked[];
  readonly notify: VrrpNotify;
}

/** Instances that are master together or not at all. */
export interface VrrpGroupSettings {
  readonly name: string;
  /** Names of instances. */
  readonly instances: readonly string[];
  readonly tracked: readonly Tracked[];
  readonly notify: VrrpNotify;
}

/** Everything that a configuration says of VRRP. */
export interface VrrpSettings {
  readonly instances: readonly VrrpInstanceSettings[];
  readonly groups: readonly VrrpGroupSettings[];
  readonly scripts: readonly TrackScript[];
  /** From the director's start to the start of the instances. */
  readonly startupDelay: Milliseconds;
  /** Named pipes that get a line for each change of state. A path that is also told of health is one pipe, with one reader. */
  readonly fifos?: readonly NotifyFifo[];
}
