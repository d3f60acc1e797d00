import type { Operation } from '../model/operation.ts';
import type { ServiceId } from '../model/service.ts';

/** What the destination rows of a list show beside the address. */
export type ListColumns = 'standard' | 'stats' | 'rate' | 'thresholds' | 'persistent-conn' | 'tun-info';

/** How a list of services is written. */
export interface ListStyle {
  readonly columns: ListColumns;
  /** Addresses and ports as numbers. */
  readonly numeric: boolean;
  /** Large numbers in full. */
  readonly exact: boolean;
  /** Sorted, or in the engine's order. */
  readonly sorted: boolean;
}

/** A command line that passed every check. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** Without a service: the whole table. */
  | { readonly kind: 'list'; readonly service?: ServiceId; readonly style: ListStyle }
  | { readonly kind: 'list-connections'; readonly numeric: boolean; readonly persistenceData: boolean }
  | { readonly kind: 'list-timeouts' }
  | { readonly kind: 'list-daemons' }
  | { readonly kind: 'save'; readonly numeric: boolean }
  | { readonly kind: 'restore' };
