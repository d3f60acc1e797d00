import type { DestinationKey } from '../../model/destination.ts';
import {
  type SchedulerFlags,
  type ServiceId,
  type ServiceKey,
  type ServiceSettings,
  serviceKey,
} from '../../model/service.ts';
import type { ServiceStatus } from '../../model/table.ts';
import type { Scheduler, SchedulerService } from '../../scheduling/scheduler.ts';
import type { LiveDestination } from './live-destination.ts';
import { LiveStatistics } from './live-statistics.ts';

/** A virtual service as a data plane works with it (struct ip_vs_service). Only the table changes its list. */
export class LiveService implements SchedulerService<LiveDestination> {
  readonly id: ServiceId;
  readonly key: ServiceKey;
  /** The configuration; an edit replaces it as a whole. */
  settings: ServiceSettings;
  /** The newest first; the same array for as long as the service lives. */
  readonly destinations: LiveDestination[] = [];
  /** Absent where the scheduler is `none`. */
  scheduler: Scheduler<LiveDestination> | undefined;
  readonly statistics = new LiveStatistics();
  readonly #byKey = new Map<DestinationKey, LiveDestination>();

  constructor(id: ServiceId, settings: ServiceSettings) {
    this.id = id;
    this.key = serviceKey(id);
    this.settings = settings;
  }

  get schedulerFlags(): SchedulerFlags {
    return this.settings.schedulerFlags;
  }

  find(key: DestinationKey): LiveDestination | undefined {
    return this.#byKey.get(key);
  }

  /** Puts a destination at the head of the list and tells the scheduler. */
  add(destination: LiveDestination): void {
    this.destinations.unshift(destination);
    this.#byKey.set(destination.key, destination);
    this.scheduler?.destinationChanged?.('added', destination, 0);
  }

  /** Tells the scheduler of a destination that was edited in place. */
  edited(destination: LiveDestination): void {
    this.scheduler?.destinationChanged?.('edited', destination, this.destinations.indexOf(destination));
  }

  /** Takes a destination out of the list and tells the scheduler. Its connections keep the object. */
  remove(destination: LiveDestination): void {
    const position = this.destinations.indexOf(destination);
    destination.available = false;
    this.destinations.splice(position, 1);
    this.#byKey.delete(destination.key);
    this.scheduler?.destinationChanged?.('deleted', destination, position);
  }

  /** To be called every ESTIMATION_PERIOD_MS. */
  estimate(): void {
    this.statistics.estimate();
    for (const destination of this.destinations) destination.statistics.estimate();
  }

  /** Starts the statistics of the service and of its destinations again from 0 (`-Z`). */
  zero(): void {
    this.statistics.zero();
    for (const destination of this.destinations) destination.statistics.zero();
  }

  snapshot(): ServiceStatus {
    return {
      id: { ...this.id },
      ...this.settings,
      schedulerFlags: { ...this.settings.schedulerFlags },
      destinations: this.destinations.map((destination) => destination.snapshot()),
      statistics: this.statistics.snapshot(),
    };
  }
}
