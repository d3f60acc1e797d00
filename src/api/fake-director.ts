import type { Engine } from '../engines/engine.ts';
import { type ConfiguredSync, NO_CONFIGURED_SYNC } from '../model/configured-sync.ts';
import { ViprError } from '../model/error.ts';
import type { CheckAttempt, ServiceHealth } from '../model/health.ts';
import { type ServiceId, serviceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import { NO_VRRP, type VrrpStatus } from '../model/vrrp-status.ts';
import type {
  DestinationSelection,
  DirectorEvent,
  DrainRequest,
  DrainStatus,
  Explanation,
  OperatedDirector,
} from './operated-director.ts';
import type { TableChange } from './protocol.ts';

/** What an operated director has beyond its engine, for tests: it knows what it is given, and records what it is asked. */
export class FakeDirector implements OperatedDirector {
  readonly asked: unknown[] = [];
  healths: readonly ServiceHealth[] = [];
  drainStatuses: readonly DrainStatus[] = [];
  changes: readonly TableChange[] = [];
  vrrpStatus: VrrpStatus = NO_VRRP;
  configured: ConfiguredSync = NO_CONFIGURED_SYNC;
  yaml = 'services: []\n';
  readonly happened: DirectorEvent[] = [];
  readonly attemptListeners = new Set<(attempt: CheckAttempt) => void>();
  readonly listeners = new Set<(event: DirectorEvent) => void>();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async wanted(): Promise<Table> {
    const { services, timeouts } = await this.#engine.snapshot();
    return { services, timeouts };
  }

  async configuration(): Promise<string> {
    return this.yaml;
  }

  drift(): readonly TableChange[] {
    return this.changes;
  }

  async health(): Promise<readonly ServiceHealth[]> {
    return this.healths;
  }

  vrrp(): VrrpStatus {
    return this.vrrpStatus;
  }

  configuredSync(): ConfiguredSync {
    return this.configured;
  }

  async drain(request: DrainRequest): Promise<readonly DrainStatus[]> {
    this.asked.push({ drain: request });
    return this.#matching(request);
  }

  async drains(): Promise<readonly DrainStatus[]> {
    return this.drainStatuses;
  }

  async restore(selection: DestinationSelection): Promise<readonly DrainStatus[]> {
    this.asked.push({ restore: selection });
    return this.#matching(selection);
  }

  async explain(client: Explanation['client'], service: ServiceId): Promise<Explanation> {
    this.asked.push({ explain: { client, service } });
    const key = serviceKey(service);
    if ((await this.#engine.service(service)) === undefined) {
      throw new ViprError('SERVICE_NOT_FOUND', `${key}: no such service`);
    }
    return { service: key, client, by: 'none', certain: true, reasons: ['Nobody is there.'], candidates: [] };
  }

  events(after: number): readonly DirectorEvent[] {
    return this.happened.filter(({ id }) => id > after);
  }

  onEvent(listener: (event: DirectorEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onAttempt(listener: (attempt: CheckAttempt) => void): () => void {
    this.attemptListeners.add(listener);
    return () => this.attemptListeners.delete(listener);
  }

  /** An attempt of a check ends. */
  attempt(attempt: CheckAttempt): void {
    for (const listener of this.attemptListeners) listener(attempt);
  }

  /** Something happens. */
  happen(event: Omit<DirectorEvent, 'id' | 'time'>): void {
    const time = '2026-01-02T03:04:05.678Z';
    const whole = { id: this.happened.length + 1, time, ...event };
    this.happened.push(whole);
    for (const listener of this.listeners) listener(whole);
  }

  #matching({ address }: DestinationSelection): readonly DrainStatus[] {
    const found = this.drainStatuses.filter(({ destination }) => destination.includes(address));
    if (found.length > 0) return found;
    throw new ViprError('DESTINATION_NOT_FOUND', `No service has the destination ${address}.`);
  }
}
