import type { Milliseconds } from '../../model/unit.ts';
import type { Advertisement } from '../packet/advertisement.ts';

/** Where a virtual router is in its life (RFC 9568 section 6.4); FAULT is keepalived's: it may not be master. */
export type VrrpState = 'initialize' | 'backup' | 'master' | 'fault';

/** What the state machine has to know of an instance's settings. */
export interface VirtualRouterSettings {
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly initialState: 'master' | 'backup';
  readonly interval: Milliseconds;
  readonly preempt: boolean;
  readonly preemptDelay: Milliseconds;
  /** The owner of the addresses has 255, and is master whenever it can. */
  readonly isOwner: boolean;
}

/** A virtual router between two events: plain data, which {@link step} makes the next of. */
export interface VirtualRouter {
  readonly state: VrrpState;
  /** Effective priority, 1 to 255: the configured one and what tracking adds. */
  readonly priority: number;
  /** Of the master: RFC 9568's Active_Adver_Interval. */
  readonly masterInterval: Milliseconds;
  /** When the timer ends: the next advertisement of a master, the end of a backup's patience. Absent: none runs. */
  readonly deadline?: number;
  /** From when on a master of lower priority is not taken for one any more; absent: none was heard. */
  readonly preemptAt?: number;
  /** Whether it leaves a living master alone whatever its priority, as without preemption; the owner does not. */
  readonly isHeld?: true;
  /** Of a master that was silent for longer than backups wait: any other master that it hears now has replaced it. */
  readonly isInDoubt?: true;
}

/** What can happen to a virtual router. */
export type VrrpEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  /** The clock has reached the deadline. */
  | { readonly kind: 'timeout' }
  | {
      readonly kind: 'advertisement';
      readonly advertisement: Pick<Advertisement, 'priority' | 'interval'>;
      /** How the sender's address compares with one's own: above 0 where it is the higher one. */
      readonly senderRank: number;
    }
  /** Tracking gave it another priority. */
  | { readonly kind: 'priority'; readonly priority: number }
  /** Something that it cannot do without is gone, or there again. */
  | { readonly kind: 'fault' }
  | { readonly kind: 'recover' }
  /** It is not to preempt for now, or may again. */
  | { readonly kind: 'hold'; readonly isHeld: boolean }
  /** Its sync group has it follow. */
  | { readonly kind: 'become-master' }
  | { readonly kind: 'become-backup' };

/** What is to be done, in this order. */
export type VrrpAction =
  /** To all other routers; `priority` 0 gives up. */
  | { readonly kind: 'advertise'; readonly priority: number }
  /** Takes the virtual addresses, and tells the neighbours. */
  | { readonly kind: 'take-addresses' }
  | { readonly kind: 'give-addresses' }
  /** Tells the neighbours again where the addresses are. */
  | { readonly kind: 'announce'; readonly because: 'lower-priority' }
  /** A second master was heard. */
  | { readonly kind: 'conflict'; readonly priority: number }
  | { readonly kind: 'entered'; readonly state: VrrpState; readonly from: VrrpState };

export interface Step {
  readonly router: VirtualRouter;
  readonly actions: readonly VrrpAction[];
}

/** The priority with which a master gives up (RFC 9568 section 5.2.4). */
export const GIVING_UP = 0;
