import type { SyncDaemon } from '../../model/daemon.ts';
import { type Destination, type DestinationId, destinationKey } from '../../model/destination.ts';
import { ESTIMATION_PERIOD_MS } from '../../model/estimator.ts';
import type { Operation } from '../../model/operation.ts';
import { type ServiceId, type ServiceKey, type ServiceSettings, serviceKey } from '../../model/service.ts';
import { destinationSettings, serviceSettings } from '../../model/settings.ts';
import { DEFAULT_TIMEOUTS, type TableSnapshot, type Timeouts } from '../../model/table.ts';
import {
  checkDestination,
  checkFamilies,
  checkNames,
  checkNetmask,
  isMixedFamily,
} from '../../model/validate.ts';
import type { Scheduler, SchedulerDefinition, SchedulerModules } from '../../scheduling/scheduler.ts';
import { DestinationTrash } from './destination-trash.ts';
import type { TableEnvironment } from './environment.ts';
import { LiveDestination } from './live-destination.ts';
import { LiveService } from './live-service.ts';
import {
  destinationExists,
  destinationNotFound,
  mixedFamilyWhileSynchronising,
  notUnicast,
  persistenceEngineNotFound,
  schedulerNotFound,
  serviceExists,
  serviceNotFound,
} from './refusal.ts';
import { SyncDaemons } from './sync-daemons.ts';
import type { TableObserver } from './table-observer.ts';
import { mergeTimeouts } from './timeouts.ts';

/** The persistence engines that IPVS has (ip_vs_pe_sip.c is the only one). */
export const PERSISTENCE_ENGINES: readonly string[] = ['sip'];

export interface LiveTableModules {
  readonly environment: TableEnvironment;
  /** The scheduler of a name; `none` is not asked for. */
  readonly schedulers: (name: string) => SchedulerDefinition | undefined;
  readonly modules: SchedulerModules;
  readonly observer?: TableObserver;
  /** Runs before everything else and throws what the engine itself refuses. */
  readonly guard?: (operation: Operation) => void;
}

/** The table of virtual services as a data plane works with it, with the rules of IPVS's control interface (ip_vs_ctl.c). */
export class LiveTable {
  readonly #environment: TableEnvironment;
  readonly #schedulers: (name: string) => SchedulerDefinition | undefined;
  readonly #modules: SchedulerModules;
  readonly #observer: TableObserver;
  readonly #guard: ((operation: Operation) => void) | undefined;
  readonly #services = new Map<ServiceKey, LiveService>();
  readonly #trash = new DestinationTrash();
  readonly #daemons: SyncDaemons;
  #timeouts: Timeouts = DEFAULT_TIMEOUTS;
  #nextEstimation: number;

  constructor({ environment, schedulers, modules, observer, guard }: LiveTableModules) {
    this.#environment = environment;
    this.#schedulers = schedulers;
    this.#modules = modules;
    this.#observer = observer ?? {};
    this.#guard = guard;
    this.#daemons = new SyncDaemons(environment);
    this.#nextEstimation = modules.now() + ESTIMATION_PERIOD_MS;
  }

  get timeouts(): Timeouts {
    return this.#timeouts;
  }

  /** The master first. */
  get daemons(): readonly SyncDaemon[] {
    return this.#daemons.list();
  }

  /** The newest first, those on addresses before those on firewall marks. */
  services(): LiveService[] {
    const newestFirst = [...this.#services.values()].reverse();
    return [
      ...newestFirst.filter((service) => service.id.kind === 'address'),
      ...newestFirst.filter((service) => service.id.kind === 'fwmark'),
    ];
  }

  find(key: ServiceKey): LiveService | undefined {
    return this.#services.get(key);
  }

  /** A picture that later changes leave as it is. */
  snapshot(): TableSnapshot {
    return {
      services: this.services().map((service) => service.snapshot()),
      timeouts: { ...this.#timeouts },
      daemons: this.#daemons.list(),
    };
  }

  /**
   * Carries one operation out, or throws the ViprError that says why not and changes nothing. What is wrong in several
   * ways is refused for the reason that the kernel would give.
   */
  execute(operation: Operation): void {
    this.#guard?.(operation);
    switch (operation.kind) {
      case 'add-service':
        this.#addService(operation.service, operation.settings);
        break;
      case 'edit-service':
        this.#editService(operation.service, operation.settings);
        break;
      case 'delete-service':
        this.#deleteService(this.#existing(operation.service));
        break;
      case 'add-destination':
        this.#addDestination(operation.service, operation.destination);
        break;
      case 'edit-destination':
        this.#editDestination(operation.service, operation.destination);
        break;
      case 'delete-destination':
        this.#deleteDestination(operation.service, operation.destination);
        break;
      case 'flush':
        for (const service of this.services()) this.#deleteService(service);
        break;
      case 'zero':
        for (const service of operation.service ? [this.#existing(operation.service)] : this.services()) {
          service.zero();
          this.#observer.statisticsZeroed?.(service);
        }
        break;
      case 'set-timeouts':
        this.#timeouts = mergeTimeouts(this.#timeouts, operation.timeouts);
        break;
      case 'start-daemon':
        this.#daemons.start(operation.daemon, this.#hasMixedFamilies());
        break;
      case 'stop-daemon':
        this.#daemons.stop(operation.role);
        break;
      default:
        operation satisfies never;
        throw new TypeError(`unknown operation ${JSON.stringify(operation)}`);
    }
  }

  /** Whether a {@link tick} would do something: counts and statistics have to be those of this moment then. */
  isDue(now: number): boolean {
    return now >= this.#nextEstimation || this.#trash.isDue(now);
  }

  /**
   * Takes in a service with its destinations that an earlier process left in the data plane, older ones first; the observer
   * is not told. Its scheduler starts anew.
   */
  restoreService(service: LiveService): void {
    const { scheduler } = service.settings;
    service.scheduler = this.#bind(scheduler === 'none' ? undefined : this.#schedulers(scheduler), service);
    this.#services.set(service.key, service);
  }

  /** Takes in a destination that an earlier process deleted, at a time of the monotonic clock in milliseconds. */
  restoreDeleted(destination: LiveDestination, deletedAt: number): void {
    destination.available = false;
    this.#trash.put(destination, deletedAt);
  }

  /** Takes in the timeouts of an earlier process. */
  restoreTimeouts(timeouts: Timeouts): void {
    this.#timeouts = timeouts;
  }

  /**
   * Lets time pass: the rates are estimated every ESTIMATION_PERIOD_MS, the trash is cleaned. To be called at least once a
   * second with the time of the monotonic clock in milliseconds.
   */
  tick(now: number): void {
    this.#trash.sweep(now, (destination) => this.#observer.destinationForgotten?.(destination));
    if (now < this.#nextEstimation) return;
    this.#nextEstimation += ESTIMATION_PERIOD_MS;
    if (this.#nextEstimation <= now) this.#nextEstimation = now + ESTIMATION_PERIOD_MS;
    for (const service of this.#services.values()) service.estimate();
  }

  #addService(id: ServiceId, settings: ServiceSettings): void {
    checkNames(id, settings);
    const key = serviceKey(id);
    if (this.#services.has(key)) throw serviceExists(id);
    const definition = this.#definition(id, settings);
    checkNetmask(id, settings);
    const service = new LiveService({ ...id }, serviceSettings(settings));
    service.scheduler = this.#bind(definition, service);
    this.#services.set(key, service);
    try {
      this.#observer.serviceAdded?.(service);
    } catch (error) {
      this.#services.delete(key);
      throw error;
    }
  }

  #editService(id: ServiceId, settings: ServiceSettings): void {
    checkNames(id, settings);
    const service = this.#existing(id);
    const definition = this.#definition(id, settings);
    checkNetmask(id, settings);
    const before = service.settings;
    service.settings = serviceSettings(settings);
    // Flags alone leave a scheduler's state as it is: those that have flags read them at each choice.
    if (settings.scheduler !== before.scheduler) {
      try {
        service.scheduler = this.#bind(definition, service);
      } catch (error) {
        service.settings = before;
        throw error;
      }
    }
    this.#observer.serviceEdited?.(service, before);
  }

  #deleteService(service: LiveService): void {
    // A scheduler that goes with its service is not told of every destination (ip_vs_ctl.c, __ip_vs_del_service).
    service.scheduler = undefined;
    for (const destination of [...service.destinations]) this.#unlink(service, destination);
    this.#services.delete(service.key);
    this.#observer.serviceDeleted?.(service);
  }

  #addDestination(id: ServiceId, destination: Destination): void {
    const service = this.#existing(id);
    this.#checkFamilies(id, destination);
    checkDestination(id, destination);
    const key = destinationKey(destination);
    if (service.find(key)) throw destinationExists(id, destination);
    const revived = this.#trash.take(service.key, key);
    if (revived) {
      revived.revive(service, destinationSettings(destination));
    } else if (this.#environment.classify(destination.address) === 'other') {
      throw notUnicast(id, destination);
    }
    const added = revived ?? new LiveDestination(service, destinationSettings(destination));
    service.add(added);
    try {
      this.#observer.destinationAdded?.(service, added, revived !== undefined);
    } catch (error) {
      service.remove(added);
      if (revived) this.#trash.put(revived, this.#modules.now());
      throw error;
    }
  }

  #editDestination(id: ServiceId, settings: Destination): void {
    const service = this.#existing(id);
    this.#checkFamilies(id, settings);
    checkDestination(id, settings);
    const destination = service.find(destinationKey(settings));
    if (destination === undefined) throw destinationNotFound(id, settings);
    const before = destination.settings;
    const { proxyProtocol } = before;
    const kept = proxyProtocol === undefined ? {} : { proxyProtocol };
    destination.edit({ ...kept, ...destinationSettings(settings) });
    service.edited(destination);
    this.#observer.destinationEdited?.(service, destination, before);
  }

  #deleteDestination(id: ServiceId, destination: DestinationId): void {
    const service = this.#existing(id);
    const found = service.find(destinationKey(destination));
    if (found === undefined) throw destinationNotFound(id, destination);
    this.#unlink(service, found);
  }

  #unlink(service: LiveService, destination: LiveDestination): void {
    service.remove(destination);
    this.#trash.put(destination, this.#modules.now());
    this.#observer.destinationDeleted?.(service, destination);
  }

  #existing(id: ServiceId): LiveService {
    const service = this.#services.get(serviceKey(id));
    if (service === undefined) throw serviceNotFound(id);
    return service;
  }

  /** The scheduler that the settings name, undefined for `none`; throws where it or the persistence engine is unknown. */
  #definition(id: ServiceId, settings: ServiceSettings): SchedulerDefinition | undefined {
    const definition = settings.scheduler === 'none' ? undefined : this.#schedulers(settings.scheduler);
    if (definition === undefined && settings.scheduler !== 'none') {
      throw schedulerNotFound(id, settings.scheduler);
    }
    const engine = settings.persistenceEngine;
    if (engine && !PERSISTENCE_ENGINES.includes(engine)) throw persistenceEngineNotFound(id, engine);
    return definition;
  }

  #bind(
    definition: SchedulerDefinition | undefined,
    service: LiveService,
  ): Scheduler<LiveDestination> | undefined {
    return definition?.bind<LiveDestination>(service, this.#modules);
  }

  #checkFamilies(id: ServiceId, destination: Destination): void {
    if (isMixedFamily(id, destination) && this.#daemons.running) {
      throw mixedFamilyWhileSynchronising(id, destination);
    }
    checkFamilies(id, destination);
  }

  #hasMixedFamilies(): boolean {
    return this.services().some((service) =>
      service.destinations.some((destination) => isMixedFamily(service.id, destination)),
    );
  }
}
