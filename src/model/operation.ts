import type { DaemonRole, SyncDaemonSettings } from './daemon.ts';
import type { Destination, DestinationId } from './destination.ts';
import type { ServiceId, ServiceSettings } from './service.ts';
import type { Timeouts } from './table.ts';

/** Every change that an engine can be asked for: the commands of IPVS's netlink family. */
export type Operation =
  | { readonly kind: 'add-service'; readonly service: ServiceId; readonly settings: ServiceSettings }
  | { readonly kind: 'edit-service'; readonly service: ServiceId; readonly settings: ServiceSettings }
  | { readonly kind: 'delete-service'; readonly service: ServiceId }
  | { readonly kind: 'add-destination'; readonly service: ServiceId; readonly destination: Destination }
  | { readonly kind: 'edit-destination'; readonly service: ServiceId; readonly destination: Destination }
  | { readonly kind: 'delete-destination'; readonly service: ServiceId; readonly destination: DestinationId }
  | { readonly kind: 'flush' }
  /** Without a service: all services and the totals. */
  | { readonly kind: 'zero'; readonly service?: ServiceId }
  /** 0 keeps a timeout as it is. */
  | { readonly kind: 'set-timeouts'; readonly timeouts: Timeouts }
  | { readonly kind: 'start-daemon'; readonly daemon: SyncDaemonSettings }
  | { readonly kind: 'stop-daemon'; readonly role: DaemonRole };

/** The names of the operations: `add-service`, `flush` and so on. */
export type OperationKind = Operation['kind'];
