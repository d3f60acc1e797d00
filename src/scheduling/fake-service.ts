import type { IpAddress } from '../model/address.ts';
import { NO_SCHEDULER_FLAGS, type SchedulerFlags } from '../model/service.ts';
import type { Port } from '../model/unit.ts';
import { findScheduler } from './registry.ts';
import type { Scheduler, SchedulerDestination, SchedulerService, SchedulingRequest } from './scheduler.ts';

/**
 * A service without packets, for tests: destinations, counters and thresholds as engines keep them, and one scheduler
 * bound to it while it is empty.
 */
export class FakeService implements SchedulerService<FakeDestination> {
  readonly destinations: FakeDestination[] = [];
  readonly schedulerFlags: SchedulerFlags;
  /** Milliseconds on the clock that the scheduler reads. */
  now = 0;
  #scheduler: Scheduler<FakeDestination>;
  readonly #random: () => number;
  #added = 0;

  constructor(scheduler: string, options: FakeServiceOptions = {}) {
    this.schedulerFlags = { ...NO_SCHEDULER_FLAGS, ...options.flags };
    this.#random = options.random ?? (() => 0);
    this.#scheduler = this.#bound(scheduler);
  }

  /** Gives the service another scheduler, which starts from scratch with the destinations that there are. */
  bind(scheduler: string): void {
    this.#scheduler = this.#bound(scheduler);
  }

  /** Adds at the head of the list, as IPVS does. */
  add(settings: FakeDestinationSettings = {}): FakeDestination {
    const weight = settings.weight ?? 1;
    const { address = numberedAddress(this.#added++), port = 80 } = settings;
    const destination: FakeDestination = {
      address: address as IpAddress,
      port: port as Port,
      weight,
      lastWeight: weight,
      activeConnections: settings.activeConnections ?? 0,
      inactiveConnections: settings.inactiveConnections ?? 0,
      upperThreshold: settings.upperThreshold ?? 0,
      lowerThreshold: settings.lowerThreshold ?? 0,
      overloaded: false,
      available: true,
    };
    this.destinations.unshift(destination);
    this.#scheduler.destinationChanged?.('added', destination, 0);
    return destination;
  }

  setWeight(destination: FakeDestination, weight: number): void {
    destination.weight = weight;
    if (weight !== 0) destination.lastWeight = weight;
    this.#scheduler.destinationChanged?.('edited', destination, this.destinations.indexOf(destination));
  }

  delete(destination: FakeDestination): void {
    const position = this.destinations.indexOf(destination);
    this.destinations.splice(position, 1);
    destination.available = false;
    this.#scheduler.destinationChanged?.('deleted', destination, position);
  }

  /** The scheduler's choice, without a connection. */
  schedule(request: FakeRequest = {}): FakeDestination | undefined {
    const { clientAddress = '10.1.0.2', clientPort = 7000, virtualAddress = '192.0.2.10' } = request;
    return this.#scheduler.schedule({ clientAddress, clientPort, virtualAddress } as SchedulingRequest);
  }

  /** A connection to the scheduler's choice: UDP flows count as inactive, open TCP connections as active. */
  connect(kind: ConnectionKind, request: FakeRequest = {}): FakeDestination | undefined {
    const chosen = this.schedule(request);
    if (chosen !== undefined) this.open(chosen, kind);
    return chosen;
  }

  open(destination: FakeDestination, kind: ConnectionKind): void {
    if (kind === 'active') destination.activeConnections++;
    else destination.inactiveConnections++;
    const { upperThreshold } = destination;
    if (upperThreshold !== 0 && connectionsOf(destination) >= upperThreshold) destination.overloaded = true;
  }

  /** The end of one of a destination's active connections. */
  close(destination: FakeDestination): void {
    destination.activeConnections--;
    const { upperThreshold, lowerThreshold } = destination;
    const calm = lowerThreshold !== 0 ? lowerThreshold : (upperThreshold * 3) / 4;
    if (calm === 0 || connectionsOf(destination) < calm) destination.overloaded = false;
  }

  #bound(name: string): Scheduler<FakeDestination> {
    const definition = findScheduler(name);
    if (definition === undefined) throw new RangeError(`no scheduler is named ${name}`);
    return definition.bind<FakeDestination>(this, { now: () => this.now, random: this.#random });
  }
}

export type ConnectionKind = 'active' | 'inactive';

/** A destination of a {@link FakeService}, updated in place. */
export interface FakeDestination extends SchedulerDestination {
  weight: number;
  lastWeight: number;
  activeConnections: number;
  inactiveConnections: number;
  upperThreshold: number;
  lowerThreshold: number;
  overloaded: boolean;
  available: boolean;
}

export interface FakeServiceOptions {
  readonly flags?: Partial<SchedulerFlags>;
  /** By default always 0. */
  readonly random?: () => number;
}

export interface FakeDestinationSettings {
  /** By default 10.2.0.11 for the first one, 10.2.0.12 for the second, and so on. */
  readonly address?: string;
  readonly port?: number;
  readonly weight?: number;
  readonly activeConnections?: number;
  readonly inactiveConnections?: number;
  readonly upperThreshold?: number;
  readonly lowerThreshold?: number;
}

export interface FakeRequest {
  readonly clientAddress?: string;
  readonly clientPort?: number;
  readonly virtualAddress?: string;
}

function connectionsOf(destination: FakeDestination): number {
  return destination.activeConnections + destination.inactiveConnections;
}

function numberedAddress(index: number): string {
  const host = index + 11;
  return `10.2.${host >>> 8}.${host & 255}`;
}
