import type { Destination } from '../../model/destination.ts';
import type { ServiceSettings } from '../../model/service.ts';
import type { LiveDestination } from './live-destination.ts';
import type { LiveService } from './live-service.ts';

/** What an engine hears of a table's changes, each after it happened and after the scheduler heard of it. */
export interface TableObserver {
  /** May throw a ViprError: the service is then not added. */
  serviceAdded?(service: LiveService): void;
  serviceEdited?(service: LiveService, before: ServiceSettings): void;
  /** Comes after a `destinationDeleted` for each destination of the service. */
  serviceDeleted?(service: LiveService): void;
  /**
   * May throw a ViprError: the destination is then not added. `revived`: it came out of the trash, perhaps with
   * connections.
   */
  destinationAdded?(service: LiveService, destination: LiveDestination, revived: boolean): void;
  destinationEdited?(service: LiveService, destination: LiveDestination, before: Destination): void;
  /** Connections may still refer to the destination. */
  destinationDeleted?(service: LiveService, destination: LiveDestination): void;
  /** The trash let go of a deleted destination: nothing refers to it any more, and it will not come back. */
  destinationForgotten?(destination: LiveDestination): void;
  /** The statistics of the service and of its destinations started again from 0. */
  statisticsZeroed?(service: LiveService): void;
}
