import type { IpAddress } from '../model/address.ts';
import type { VrrpState } from './machine/virtual-router.ts';

/** What an instance tells whoever runs it. */
export type InstanceEvent =
  | { readonly kind: 'state'; readonly state: VrrpState; readonly from: VrrpState; readonly priority: number }
  /** Another master was heard; told every 10 s at most. */
  | { readonly kind: 'conflict'; readonly priority: number; readonly address?: IpAddress }
  /** A sentence about a peer that is set up otherwise, or sends what it should not; each is told once. */
  | { readonly kind: 'oddity'; readonly text: string }
  /** Something that the host or the network did not do. */
  | { readonly kind: 'failure'; readonly text: string };
