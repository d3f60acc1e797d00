import type {
  Engine,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
} from '../engines/engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import { NO_STATISTICS } from '../model/statistics.ts';
import type { SyncStatus } from '../model/sync-status.ts';
import { DEFAULT_TIMEOUTS, type ServiceStatus, type TableSnapshot } from '../model/table.ts';

/** An engine for tests of what lies in front of one: it knows services and nothing else, and records what it is asked. */
export class FakeEngine implements Engine {
  readonly executed: Operation[] = [];
  readonly services = new Map<ServiceKey, ServiceStatus>();
  /** Answered by {@link faults}. */
  readonly knownFaults = new Map<ServiceKey, string>();
  /** Those of the table. */
  knownDaemons: readonly SyncDaemon[] = [];
  syncStatus: SyncStatus = {};
  /** Thrown by every method where it is set. */
  failure: Error | undefined;
  /** The pages that {@link connections} yields. */
  pages: () => AsyncIterable<readonly ConnectionEntry[]> = async function* () {};

  async info(): Promise<EngineInfo> {
    this.#fail();
    return INFO;
  }

  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    this.#fail();
    this.executed.push(...operations);
    return operations.map((operation) => this.#execute(operation));
  }

  async snapshot(): Promise<TableSnapshot> {
    this.#fail();
    return { services: [...this.services.values()], timeouts: DEFAULT_TIMEOUTS, daemons: this.knownDaemons };
  }

  async service(id: ServiceId): Promise<ServiceLookup> {
    this.#fail();
    return this.services.get(serviceKey(id));
  }

  async *connections(): AsyncIterable<readonly ConnectionEntry[]> {
    this.#fail();
    yield* this.pages();
  }

  async faults(): Promise<ServiceFaults> {
    this.#fail();
    return this.knownFaults;
  }

  async synchronisation(): Promise<SyncStatus> {
    this.#fail();
    return this.syncStatus;
  }

  async close(): Promise<void> {}

  #execute(operation: Operation): OperationOutcome {
    if (operation.kind === 'flush') this.services.clear();
    if (operation.kind === 'add-service') {
      const key = serviceKey(operation.service);
      if (this.services.has(key))
        return new ViprError('SERVICE_EXISTS', `${key} exists`, { hint: 'Edit it.' });
      this.services.set(key, {
        ...operation.settings,
        id: operation.service,
        destinations: [],
        statistics: NO_STATISTICS,
      });
    }
    return undefined;
  }

  #fail(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

const INFO: EngineInfo = {
  name: 'memory',
  version: '1.2.1',
  connectionTableSize: 4096,
  capabilities: {
    forwarding: ['masquerade'],
    protocols: ['tcp'],
    families: ['inet'],
    schedulers: ['rr'],
    fwmark: false,
    anyPort: false,
    persistenceEngines: [],
    syncDaemon: false,
    proxyProtocol: false,
  },
};
