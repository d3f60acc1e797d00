import type { Logger } from 'pino';
import type { DirectorEvent } from '../api/operated-director.ts';
import { describeScriptEnd } from '../health/script/describe-script-end.ts';
import type { runScript } from '../health/script/run-script.ts';
import type { HealthState, ServiceHealth } from '../model/health.ts';
import type { ServiceKey } from '../model/service.ts';
import type { VrrpSettings } from '../model/vrrp.ts';
import type { VrrpStateName, VrrpStatus } from '../model/vrrp-status.ts';
import { type OpenVrrpOptions, openVrrpService } from '../vrrp/open-vrrp-service.ts';
import type { VrrpServiceEvent } from '../vrrp/service-modules.ts';
import type { VrrpService } from '../vrrp/vrrp-service.ts';
import type { EventFacts } from './event-ring.ts';
import { SerialQueue } from './serial-queue.ts';

export interface DirectorVrrpModules {
  readonly logger: Logger;
  readonly runScript: typeof runScript;
  readonly tellFifos: (line: string) => void;
  readonly director: {
    health(): Promise<readonly ServiceHealth[]>;
    onEvent(listener: (event: DirectorEvent) => void): () => void;
    tell(event: EventFacts): void;
  };
  /** The system's, but for tests. */
  readonly open?: (
    options: OpenVrrpOptions,
  ) => Pick<VrrpService, 'start' | 'update' | 'reconsider' | 'hold' | 'status' | 'stop'>;
  /** Hears that an instance has changed its state. May not throw. */
  readonly onState?: () => void;
}

/** VRRP as the director has it: it speaks from {@link begin} to {@link stop}, while the configuration has it. */
export class DirectorVrrp {
  readonly #modules: DirectorVrrpModules;
  readonly #queue = new SerialQueue();
  readonly #quorums = new Map<ServiceKey, HealthState>();
  #settings: VrrpSettings | undefined;
  #service: ReturnType<NonNullable<DirectorVrrpModules['open']>> | undefined;
  #heldBy: string | undefined;
  #hasBegun = false;
  #stopListening = () => {};
  #stopped: Promise<void> | undefined;

  constructor(modules: DirectorVrrpModules) {
    this.#modules = modules;
  }

  /** Goes on with these settings, once it has begun. What goes wrong is logged. */
  adopt(settings: VrrpSettings | undefined): void {
    this.#settings = settings;
    if (!this.#hasBegun || this.#stopped !== undefined) return;
    this.#queue
      .run(() => this.#settle(settings))
      .catch((error: unknown) => this.#modules.logger.error({ err: error }, 'VRRP'));
  }

  /** Begins to speak; to be called when the table is in the engine. Rejects where it cannot. */
  async begin(): Promise<void> {
    this.#hasBegun = true;
    this.#stopListening = this.#modules.director.onEvent((event) => this.#hear(event));
    await this.#learnQuorums();
    await this.#queue.run(() => this.#settle(this.#settings));
  }

  /** Undefined where the configuration has no VRRP. */
  status(): VrrpStatus | undefined {
    return this.#service?.status();
  }

  /** How the instance with this name is; `initialize` where there is none. */
  stateOf(instance: string): VrrpStateName {
    return this.status()?.instances.find(({ name }) => name === instance)?.state ?? 'initialize';
  }

  /** While a reason is given, a phrase, no instance takes over from a living master. May be called before it begins. */
  hold(reason: string | undefined): void {
    this.#heldBy = reason;
    this.#service?.hold(reason);
  }

  /** Gives up all addresses, and speaks no more. More than once does no harm. */
  stop(): Promise<void> {
    this.#stopListening();
    this.#stopped ??= this.#queue.run(() => this.#settle(undefined));
    return this.#stopped;
  }

  async #settle(settings: VrrpSettings | undefined): Promise<void> {
    const service = this.#service;
    if (settings === undefined) {
      await service?.stop();
      this.#service = undefined;
    } else if (service !== undefined) await service.update(settings);
    else await this.#start(settings);
  }

  async #start(settings: VrrpSettings): Promise<void> {
    const { open = openVrrpService, runScript: run, tellFifos } = this.#modules;
    const service = open({
      tellFifos,
      quorum: (key) => this.#quorums.get(key),
      onEvent: (event) => this.#tell(event),
      runScript: async (command, options) => {
        const end = await run(command, options);
        return { succeeded: end.kind === 'exited' && end.code === 0, text: describeScriptEnd(end) };
      },
    });
    this.#service = service;
    service.hold(this.#heldBy);
    await service.start(settings);
  }

  #tell(event: VrrpServiceEvent): void {
    const { logger, director } = this.#modules;
    const isFine = event.kind === 'state' && event.state !== 'fault';
    logger[isFine ? 'info' : 'warn'](event.text);
    director.tell({ kind: 'vrrp', text: event.text });
    if (event.kind === 'state' && event.subject === 'instance') this.#modules.onState?.();
  }

  #hear({ kind, service, state }: DirectorEvent): void {
    if (kind === 'quorum' && service !== undefined && state !== undefined) {
      this.#quorums.set(service, state);
      this.#service?.reconsider();
    } else if (kind === 'reload') {
      this.#learnQuorums().catch((error: unknown) => this.#modules.logger.error({ err: error }, 'VRRP'));
    }
  }

  async #learnQuorums(): Promise<void> {
    const health = await this.#modules.director.health();
    this.#quorums.clear();
    for (const { service, quorum } of health) this.#quorums.set(service, quorum.state);
    this.#service?.reconsider();
  }
}
