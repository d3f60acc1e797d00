import { type DestinationKey, destinationKey } from '../model/destination.ts';
import type { HealthState } from '../model/health.ts';
import type { ServiceMonitoring } from '../model/monitoring.ts';
import { type Service, type ServiceKey, serviceKey } from '../model/service.ts';
import { ALWAYS_UP } from './destination-weight.ts';
import { effectiveService } from './effective-service.ts';
import type { HealthEvent } from './health-event.ts';
import { assumedQuorum, quorumAfter } from './quorum.ts';
import { type DestinationModules, WatchedDestination } from './watched-destination.ts';

/** What a service needs of the monitor. */
export interface ServiceModules extends Pick<DestinationModules, 'pool' | 'queue' | 'now' | 'wallClock'> {
  readonly onEvent: (event: HealthEvent) => void;
  readonly onChange: (service: ServiceKey) => void;
}

/** A service with its destinations and its quorum. */
export class WatchedService {
  readonly key: ServiceKey;
  readonly #modules: ServiceModules;
  readonly #destinationModules: DestinationModules;
  #service: Service;
  #monitoring: ServiceMonitoring;
  #destinations: ReadonlyMap<DestinationKey, WatchedDestination> = new Map();
  #quorum: HealthState;
  /** Since when the quorum is as it is. */
  #since: number;
  /** The sorry server that stands in. */
  #sorry: DestinationKey | undefined;
  #joining = false;

  constructor(service: Service, monitoring: ServiceMonitoring, modules: ServiceModules) {
    this.key = serviceKey(service.id);
    this.#modules = modules;
    this.#service = service;
    this.#monitoring = monitoring;
    this.#destinationModules = {
      ...modules,
      onState: (destination, found) => this.#destinationTurned(destination, found),
      onWeight: () => this.#changed(),
      onCheckEvent: (kind, { key }, text) =>
        modules.onEvent({
          kind,
          service: this.key,
          destination: key,
          text: `${this.#name(key)}: check ${text}`,
        }),
    };
    this.#since = modules.wallClock();
    this.#join();
    this.#quorum = assumedQuorum(this.alive, monitoring);
    // Told as keepalived does: where the service starts with its sorry server, but not where it starts without anything.
    if (this.#quorum === 'down' && monitoring.sorryServer && this.#settled() === 'down') this.#tellQuorum();
    this.#settle();
  }

  get service(): Service {
    return this.#service;
  }

  get monitoring(): ServiceMonitoring {
    return this.#monitoring;
  }

  get quorum(): HealthState {
    return this.#quorum;
  }

  /** Since when the quorum is as it is, in milliseconds since 1970. */
  get since(): number {
    return this.#since;
  }

  get destinations(): ReadonlyMap<DestinationKey, WatchedDestination> {
    return this.#destinations;
  }

  /** The weight that is alive. */
  get alive(): number {
    let alive = 0;
    for (const destination of this.#destinations.values()) alive += destination.aliveWeight;
    return alive;
  }

  /** What the service is to be in the engine now. */
  effective(service: Service): Service {
    return effectiveService(service, this.#monitoring, {
      quorum: this.#quorum,
      of: (key) => this.#destinations.get(key)?.condition ?? ALWAYS_UP,
    });
  }

  /** Goes on with another configuration. */
  update(service: Service, monitoring: ServiceMonitoring): void {
    this.#service = service;
    this.#monitoring = monitoring;
    this.#join();
    this.#settle();
  }

  /** Lets go of its checks. */
  leave(): void {
    for (const destination of this.#destinations.values()) destination.leave();
  }

  /** Tells that what is up is down, as the director ends. */
  tellEnd(): void {
    for (const destination of this.#destinations.values()) {
      if (destination.state === 'up') this.#tellDestination(destination, 'down', 'the director ends');
    }
    if (this.#quorum === 'up') this.#tellQuorum('down', 'is down: the director ends');
  }

  #join(): void {
    const before = this.#destinations;
    const { id, destinations } = this.#service;
    const next = new Map<DestinationKey, WatchedDestination>();
    // While destinations change one by one, the quorum stays: it is settled when all have.
    this.#joining = true;
    for (const destination of destinations) {
      const key = destinationKey(destination);
      const monitoring = this.#monitoring.destinations.get(key);
      const known = before.get(key);
      known?.update(id, destination, monitoring);
      next.set(key, known ?? new WatchedDestination(id, destination, monitoring, this.#destinationModules));
    }
    for (const [key, destination] of before) if (!next.has(key)) destination.leave();
    this.#destinations = next;
    this.#joining = false;
  }

  #destinationTurned(destination: WatchedDestination, found: string): void {
    this.#tellDestination(destination, destination.state, found);
    if (!this.#joining) this.#changed();
  }

  #changed(): void {
    this.#settle();
    this.#modules.onChange(this.key);
  }

  #settled(): HealthState {
    return quorumAfter(this.#quorum, this.alive, this.#monitoring);
  }

  #settle(): void {
    const quorum = this.#settled();
    if (quorum !== this.#quorum) {
      this.#quorum = quorum;
      this.#since = this.#modules.wallClock();
      this.#tellQuorum();
    }
    const { sorryServer } = this.#monitoring;
    const sorry = quorum === 'down' && sorryServer ? destinationKey(sorryServer.destination) : undefined;
    if (sorry === this.#sorry) return;
    if (this.#sorry !== undefined) this.#tellSorry(this.#sorry, 'down');
    this.#sorry = sorry;
    if (sorry !== undefined) this.#tellSorry(sorry, 'up');
  }

  #tellDestination({ key, monitoring }: WatchedDestination, state: HealthState, found: string): void {
    const script = state === 'up' ? monitoring?.notifyUp : monitoring?.notifyDown;
    const text = `${this.#name(key)} is ${state}: ${found}`;
    this.#modules.onEvent({
      kind: 'destination',
      service: this.key,
      destination: key,
      state,
      text,
      ...(script && { script }),
    });
  }

  #tellQuorum(state = this.#quorum, what = this.#describeQuorum()): void {
    const { quorumUp, quorumDown } = this.#monitoring;
    const script = state === 'up' ? quorumUp : quorumDown;
    const text = `${this.key} ${what}`;
    this.#modules.onEvent({ kind: 'quorum', service: this.key, state, text, ...(script && { script }) });
  }

  #describeQuorum(): string {
    const { quorum, hysteresis } = this.#monitoring;
    const range = hysteresis === 0 ? '' : `, give or take ${hysteresis}`;
    const verb = this.#quorum === 'up' ? 'has its quorum' : 'is without its quorum';
    return `${verb}: weight ${this.alive} is alive, of ${quorum} needed${range}`;
  }

  #tellSorry(destination: DestinationKey, state: HealthState): void {
    const what = state === 'up' ? 'stands in' : 'is not needed any more';
    const text = `${this.#name(destination)}: the sorry server ${what}`;
    this.#modules.onEvent({ kind: 'sorry-server', service: this.key, destination, state, text });
  }

  #name(destination: DestinationKey): string {
    return `${this.key} -> ${destination}`;
  }
}
