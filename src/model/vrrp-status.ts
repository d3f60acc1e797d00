import type { Family, IpAddress } from './address.ts';
import type { HealthState } from './health.ts';

/** Where an instance is: `initialize` before its start and after its end; in `fault` it may not be master. */
export type VrrpStateName = 'initialize' | 'backup' | 'master' | 'fault';

/** How a virtual router is. */
export interface VrrpInstanceStatus {
  readonly name: string;
  readonly interface: string;
  readonly family: Family;
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly state: VrrpStateName;
  /** ISO 8601, UTC: since when it is in this state. */
  readonly since: string;
  /** What it claims now, 1 to 255: the configured priority with what tracking makes of it. */
  readonly priority: number;
  readonly configuredPriority: number;
  readonly addresses: readonly IpAddress[];
  /** Where its advertisements come from; absent where it has no interface to send from. */
  readonly source?: IpAddress;
  /** Of whom an advertisement was taken last; absent before the first. */
  readonly lastHeard?: { readonly address: IpAddress; readonly priority: number; readonly at: string };
  /** Why it is in fault, a sentence each without its full stop: its own reasons, and those of its group. */
  readonly faults: readonly string[];
  /** The sync group that it belongs to. */
  readonly group?: string;
  /** Why it does not take over from a living master of lower priority now, a phrase; absent where nothing holds it. */
  readonly heldBy?: string;
  readonly counts: VrrpInstanceCounts;
}

/** Counts of an instance since it began. */
export interface VrrpInstanceCounts {
  readonly sent: number;
  readonly received: number;
  /** Advertisements of priority 0, with which a master gives up: those of `sent`, and those of `received` that were heard. */
  readonly priorityZeroSent: number;
  readonly priorityZeroReceived: number;
  /** Advertisements that were not heard, by the reason. */
  readonly dismissed: Readonly<Record<string, number>>;
  readonly becameMaster: number;
  readonly releasedMaster: number;
  /** Advertisements of another master that it heard as a master. */
  readonly conflicts: number;
  /** Times that a master said that it gives up, and went on at once: it was started again, or the packet was not its own. */
  readonly revokedFarewells: number;
}

/** How a sync group is. */
export interface VrrpGroupStatus {
  readonly name: string;
  readonly state: VrrpStateName;
  readonly instances: readonly string[];
}

/** How a tracked script is. */
export interface VrrpScriptStatus {
  readonly name: string;
  readonly state: HealthState;
  /** How its last run ended; absent before the first. */
  readonly detail?: string;
}

/** All of VRRP. */
export interface VrrpStatus {
  readonly instances: readonly VrrpInstanceStatus[];
  readonly groups: readonly VrrpGroupStatus[];
  readonly scripts: readonly VrrpScriptStatus[];
  readonly packets: {
    /** Packets that are no advertisements, by the reason. */
    readonly malformed: Readonly<Record<string, number>>;
    /** Advertisements of virtual routers that no instance belongs to. */
    readonly unknownRouter: number;
  };
}

/** VRRP where the configuration has none. */
export const NO_VRRP: VrrpStatus = {
  instances: [],
  groups: [],
  scripts: [],
  packets: { malformed: {}, unknownRouter: 0 },
};
