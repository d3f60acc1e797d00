import type { Logger } from 'pino';
import type { Engine } from '../engines/engine.ts';
import type { HealthEvent } from '../health/health-event.ts';
import type { DestinationId, DestinationKey } from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import type { Monitoring } from '../model/monitoring.ts';
import { parseHostPort } from '../model/parse-host-port.ts';
import { type Service, type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import type { EventFacts } from './event-ring.ts';
import type { HealthListener } from './health.ts';
import type { OwnedServices } from './owned-services.ts';
import { ServiceSync } from './service-sync.ts';

export interface HealingModules {
  readonly engine: Pick<Engine, 'execute' | 'service' | 'purgeConnections'>;
  readonly owned: OwnedServices;
  readonly logger: Logger;
  readonly tell: (event: EventFacts) => void;
  /** Runs something with nothing else at work on the table. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
  /** What a wanted service is to be in the engine now. */
  readonly effective: (service: Service) => Service;
  readonly monitoring: () => Monitoring;
}

/** Carries out what follows from the health of servers: services become what they are to be, and connections of those that failed end. */
export class Healing {
  readonly #modules: HealingModules;
  readonly #sync: ServiceSync;
  /** Services whose turn comes with the next look. */
  readonly #changed = new Set<ServiceKey>();
  /** Destinations that went down, whose connections are to end. */
  readonly #failed = new Map<ServiceKey, Set<DestinationKey>>();
  #waiting = false;
  #closed = false;

  constructor(modules: HealingModules) {
    this.#modules = modules;
    this.#sync = new ServiceSync(modules);
  }

  /** For the health monitor. */
  get listener(): HealthListener {
    return { onEvent: (event) => this.#onEvent(event), onChange: (service) => this.#onChange(service) };
  }

  /** Makes services what they are to be; to be called with nothing else at work on the table. */
  async sync(services: Iterable<ServiceKey>): Promise<void> {
    const keys = [...services];
    await this.#sync.run(keys);
    for (const key of keys) await this.#endConnections(key);
  }

  /** Tries again what was refused, or failed; to be called with nothing else at work on the table. */
  async retry(): Promise<void> {
    await this.#sync.retry();
    if (!this.#waiting) await this.#syncChanged();
  }

  /** Ends the connections of a destination; resolves to how many. Where that cannot be, it is logged. */
  async purge(service: ServiceId, destination: DestinationId): Promise<number> {
    try {
      return (await this.#modules.engine.purgeConnections?.(service, destination)) ?? 0;
    } catch (error) {
      if (!(error instanceof ViprError)) throw error;
      const { code, hint, message } = error;
      this.#modules.logger.warn({ code, hint }, `connections cannot be ended: ${message}`);
      return 0;
    }
  }

  /** What checks find from now on is nobody's business. */
  close(): void {
    this.#closed = true;
  }

  #onEvent(event: HealthEvent): void {
    const { kind, text, service } = event;
    this.#modules.logger[levelOf(event)](text);
    if (kind !== 'check-failed') {
      this.#modules.tell({
        kind,
        text,
        service,
        ...('destination' in event && { destination: event.destination }),
        ...('state' in event && { state: event.state }),
      });
    }
    if (kind !== 'destination') return;
    if (event.state === 'up') this.#failed.get(service)?.delete(event.destination);
    else if (this.#isPurged(service, event.destination)) {
      const failed = this.#failed.get(service) ?? new Set();
      this.#failed.set(service, failed.add(event.destination));
    }
  }

  /** Changes that come before their turn are one. */
  #onChange(service: ServiceKey): void {
    if (this.#closed) return;
    this.#changed.add(service);
    if (this.#waiting) return;
    this.#waiting = true;
    this.#modules
      .alone(async () => {
        this.#waiting = false;
        if (!this.#closed) await this.#syncChanged();
      })
      .catch((error: unknown) => {
        // An engine that is being closed answers nothing any more.
        if (!this.#closed)
          this.#modules.logger.error({ err: error }, 'what checks found cannot be carried out');
      });
  }

  async #syncChanged(): Promise<void> {
    const keys = [...this.#changed];
    this.#changed.clear();
    try {
      await this.sync(keys);
    } catch (error) {
      // With the next change, or the next look for drift, they are tried again.
      for (const key of keys) this.#changed.add(key);
      throw error;
    }
  }

  #isPurged(service: ServiceKey, destination: DestinationKey): boolean {
    const watched = this.#modules.monitoring().get(service)?.destinations.get(destination);
    return watched?.connectionsOnFailure === 'purge';
  }

  async #endConnections(key: ServiceKey): Promise<void> {
    const failed = this.#failed.get(key);
    this.#failed.delete(key);
    const service = this.#modules.owned.wanted.get(key);
    if (failed === undefined || service === undefined) return;
    for (const name of failed) {
      const destination = parseHostPort(name);
      if (destination === undefined) continue;
      const ended = await this.purge(service.id, destination);
      if (ended > 0)
        this.#modules.logger.info(`${serviceKey(service.id)} -> ${name}: connections ended ${ended}`);
    }
  }
}

function levelOf(event: HealthEvent): 'info' | 'warn' {
  switch (event.kind) {
    case 'destination':
    case 'quorum':
      return event.state === 'up' ? 'info' : 'warn';
    case 'sorry-server':
      return event.state === 'up' ? 'warn' : 'info';
    case 'check-failed':
      return 'info';
    case 'hung-check':
      return 'warn';
    default:
      throw new TypeError(`unknown event ${JSON.stringify(event satisfies never)}`);
  }
}
