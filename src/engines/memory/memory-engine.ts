import type { ConnectionEntry } from '../../model/connection.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { type ServiceId, serviceKey } from '../../model/service.ts';
import type { TableSnapshot } from '../../model/table.ts';
import { findScheduler, schedulerNames } from '../../scheduling/registry.ts';
import type { SchedulerModules } from '../../scheduling/scheduler.ts';
import type { Engine, EngineInfo, OperationOutcome, ServiceFaults, ServiceLookup } from '../engine.ts';
import { HostEnvironment, type TableEnvironment } from '../table/environment.ts';
import { LiveTable, PERSISTENCE_ENGINES } from '../table/live-table.ts';

/** Nothing has to be given. */
export interface MemoryEngineOptions {
  /** What is asked about addresses and interfaces; the host where absent. */
  readonly environment?: TableEnvironment;
}

/** The table alone, with IPVS's rules and without any traffic: for trying a configuration out, and for tests. */
export class MemoryEngine implements Engine {
  readonly #table: LiveTable;
  readonly #modules: SchedulerModules;

  constructor(
    options: MemoryEngineOptions = {},
    modules: SchedulerModules = { now: () => performance.now(), random: Math.random },
  ) {
    this.#modules = modules;
    this.#table = new LiveTable({
      environment: options.environment ?? new HostEnvironment(),
      schedulers: findScheduler,
      modules,
    });
  }

  info(): Promise<EngineInfo> {
    return Promise.resolve(INFO);
  }

  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    this.#table.tick(this.#modules.now());
    return operations.map((operation) => this.#outcome(operation));
  }

  snapshot(): Promise<TableSnapshot> {
    return Promise.resolve(this.#table.snapshot());
  }

  service(id: ServiceId): Promise<ServiceLookup> {
    return Promise.resolve(this.#table.find(serviceKey(id))?.snapshot());
  }

  async *connections(): AsyncIterable<readonly ConnectionEntry[]> {}

  faults(): Promise<ServiceFaults> {
    return Promise.resolve(new Map());
  }

  /** There are none. */
  purgeConnections(): Promise<number> {
    return Promise.resolve(0);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #outcome(operation: Operation): OperationOutcome {
    try {
      this.#table.execute(operation);
      return undefined;
    } catch (error) {
      if (error instanceof ViprError) return error;
      throw error;
    }
  }
}

const INFO: EngineInfo = {
  name: 'memory',
  version: '1.2.1',
  connectionTableSize: 4096,
  capabilities: {
    forwarding: ['masquerade', 'direct', 'tunnel', 'local', 'bypass'],
    protocols: ['tcp', 'udp', 'sctp'],
    families: ['inet', 'inet6'],
    schedulers: [...schedulerNames, 'none'],
    fwmark: true,
    anyPort: true,
    persistenceEngines: PERSISTENCE_ENGINES,
    syncDaemon: true,
    proxyProtocol: true,
  },
};
