import type { Logger } from 'pino';
import type { DirectorInfo } from '../api/protocol.ts';
import type { ControlledDirector } from '../api/server.ts';
import type {
  Engine,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
} from '../engines/engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { diffTables } from '../model/diff.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table, TableSnapshot, Timeouts } from '../model/table.ts';
import { ChangeLog } from './change-log.ts';

export interface DirectorOptions {
  /** Why this engine runs. */
  readonly engineReason: string;
  readonly version: string;
  /** The configuration file, as an absolute path, where there is one. */
  readonly configFile?: string;
}

export interface DirectorModules {
  /** The director's own from now on: closing the director closes it. */
  readonly engine: Engine;
  readonly logger: Logger;
}

/**
 * A running engine with the table that the configuration wants. It is an engine itself: what comes through the control
 * socket passes here, is logged, and goes on to the engine.
 */
export class Director implements Engine, ControlledDirector {
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #changes: ChangeLog;
  readonly #info: DirectorInfo;
  /** Why the engine refused entries of the configuration, until somebody adds or deletes the service. */
  readonly #refusals = new Map<ServiceKey, string>();
  #applied: Promise<void> = Promise.resolve();

  constructor(options: DirectorOptions, { engine, logger }: DirectorModules) {
    this.#engine = engine;
    this.#logger = logger;
    this.#changes = new ChangeLog(engine, logger);
    this.#info = { pid: process.pid, startedAt: new Date().toISOString(), ...options };
  }

  describe(): DirectorInfo {
    return this.#info;
  }

  /**
   * Makes the configuration's services what the configuration says, and leaves all others alone: the kernel's table may hold what
   * an operator or another program added. What cannot be done is logged and a fault; the rest runs.
   */
  apply(table: Table): Promise<void> {
    this.#applied = this.#apply(table);
    return this.#applied;
  }

  /** Resolves when the configuration is in the engine. */
  ready(): Promise<void> {
    return this.#applied;
  }

  info(): Promise<EngineInfo> {
    return this.#engine.info();
  }

  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const change = await this.#changes.before(operations);
    const outcomes = await this.#engine.execute(operations);
    operations.forEach((operation, index) => {
      if (outcomes[index] === undefined) this.#forgetRefusal(operation);
    });
    change.log(outcomes);
    return outcomes;
  }

  snapshot(): Promise<TableSnapshot> {
    return this.#engine.snapshot();
  }

  service(id: ServiceId): Promise<ServiceLookup> {
    return this.#engine.service(id);
  }

  connections(): AsyncIterable<readonly ConnectionEntry[]> {
    return this.#engine.connections();
  }

  async faults(): Promise<ServiceFaults> {
    return new Map([...this.#refusals, ...(await this.#engine.faults())]);
  }

  close(drainMilliseconds: number): Promise<void> {
    return this.#engine.close(drainMilliseconds);
  }

  async #apply(table: Table): Promise<void> {
    const owned = new Set(table.services.map(({ id }) => serviceKey(id)));
    const { services, timeouts } = await this.#engine.snapshot();
    const present = services.filter(({ id }) => owned.has(serviceKey(id)));
    const wanted = { ...table, timeouts: named(table.timeouts, timeouts) };
    const operations = diffTables({ services: present, timeouts }, wanted);
    const outcomes = await this.#engine.execute(operations);
    operations.forEach((operation, index) => {
      const error = outcomes[index];
      const key = 'service' in operation && operation.service ? serviceKey(operation.service) : undefined;
      // Where a service was refused, so are its destinations, for want of it.
      if (error === undefined || (key !== undefined && this.#refusals.has(key))) return;
      if (key !== undefined) this.#refusals.set(key, error.message);
      this.#logger.error({ code: error.code, hint: error.hint }, error.message);
    });
    for (const [key, reason] of await this.#engine.faults()) {
      this.#logger.error(`${key} takes no traffic: ${reason}`);
    }
  }

  #forgetRefusal(operation: Operation): void {
    if (operation.kind === 'flush') this.#refusals.clear();
    else if (operation.kind !== 'zero' && 'service' in operation) {
      this.#refusals.delete(serviceKey(operation.service));
    }
  }
}

/** The timeouts that a configuration names; those that it leaves at 0 stay as they are. */
function named(wanted: Timeouts, present: Timeouts): Timeouts {
  return {
    tcp: wanted.tcp || present.tcp,
    tcpfin: wanted.tcpfin || present.tcpfin,
    udp: wanted.udp || present.udp,
  };
}
