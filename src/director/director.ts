import type { Logger } from 'pino';
import type { DirectorInfo, ReloadResponse, TableChange, WantedTable } from '../api/protocol.ts';
import type { ControlledDirector } from '../api/server.ts';
import type { DriftMode } from '../config/config.ts';
import type {
  Engine,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
} from '../engines/engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table, TableSnapshot } from '../model/table.ts';
import { applyOperations } from './apply-operations.ts';
import { ChangeLog } from './change-log.ts';
import type { Configuration, ConfigurationReading } from './configuration.ts';
import { Drift } from './drift.ts';
import { logChanges } from './log-changes.ts';
import { OwnedServices } from './owned-services.ts';
import { planTable } from './plan-table.ts';
import { SerialQueue } from './serial-queue.ts';

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
  /** Where there is a configuration file: what it says now. */
  readonly configuration?: Configuration;
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
  readonly #owned = new OwnedServices();
  /** Whatever changes the table, so that nothing comes between a look at it and what follows from that. */
  readonly #queue = new SerialQueue();
  readonly #reloads = new SerialQueue();
  readonly #configuration: Configuration | undefined;
  readonly #drift: Drift;
  #driftMode: DriftMode = 'report';
  #started: Promise<void> = Promise.resolve();

  constructor(options: DirectorOptions, { engine, logger, configuration }: DirectorModules) {
    this.#engine = engine;
    this.#logger = logger;
    this.#configuration = configuration;
    this.#drift = new Drift({ engine, owned: this.#owned, logger });
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
  start(table: Table, drift: DriftMode = 'report'): Promise<void> {
    this.#driftMode = drift;
    this.#started = this.#queue.run(() => this.#start(table));
    return this.#started;
  }

  /** Resolves when the configuration is in the engine. */
  ready(): Promise<void> {
    return this.#started;
  }

  info(): Promise<EngineInfo> {
    return this.#engine.info();
  }

  execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    return this.#queue.run(() => this.#execute(operations));
  }

  plan({ prune, ...wanted }: WantedTable): Promise<readonly TableChange[]> {
    return this.#queue.run(async () => {
      return planTable(await this.#engine.snapshot(), wanted, this.#owned.keys, prune).changes;
    });
  }

  apply(wanted: WantedTable): Promise<readonly TableChange[]> {
    return this.#queue.run(() => this.#apply(wanted));
  }

  /** Reads the configuration again and applies it; reloads come one after the other, so that the last one has the last word. */
  reload(): Promise<ReloadResponse> {
    return this.#reloads.run(() => this.#reload());
  }

  /** Looks for what other programs changed of the director's services; to be called every few seconds. */
  checkDrift(): Promise<void> {
    return this.#queue.run(() => this.#drift.check(this.#driftMode));
  }

  async #execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const change = await this.#changes.before(operations);
    const outcomes = await this.#engine.execute(operations);
    operations.forEach((operation, index) => {
      if (outcomes[index] !== undefined) return;
      this.#owned.note(operation);
      this.#forgetRefusal(operation);
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

  async #start(table: Table): Promise<void> {
    const live = await this.#engine.snapshot();
    const { operations } = planTable(live, table, new Set());
    const outcomes = await this.#engine.execute(operations);
    this.#owned.own(table, live);
    for (const [index, operation] of operations.entries()) {
      const error = outcomes[index];
      if (error === undefined) this.#owned.note(operation);
      else this.#takeRefusal(operation, error);
    }
    for (const [key, reason] of await this.#engine.faults()) {
      this.#logger.error(`${key} takes no traffic: ${reason}`);
    }
  }

  async #apply({ prune, ...wanted }: WantedTable): Promise<readonly TableChange[]> {
    const live = await this.#engine.snapshot();
    const { operations, changes } = planTable(live, wanted, this.#owned.keys, prune);
    await this.#told(applyOperations(this.#engine, operations, live));
    this.#owned.own(wanted, live);
    for (const operation of operations) this.#owned.note(operation);
    this.#refusals.clear();
    logChanges(this.#logger, changes);
    return changes;
  }

  async #reload(): Promise<ReloadResponse> {
    const { table, drift, notes } = await this.#told(this.#readConfiguration());
    const changes = await this.apply(table);
    this.#driftMode = drift;
    for (const note of notes) this.#logger.warn(note);
    this.#logger.info(`reloaded ${this.#info.configFile}: changes ${changes.length}`);
    return { changes, notes };
  }

  async #readConfiguration(): Promise<ConfigurationReading> {
    if (this.#configuration !== undefined) return this.#configuration.read();
    throw new ViprError('USAGE', 'The director was started without a configuration.', {
      hint: 'Give a file to `vipr apply`, or start the director with `vipr up --config`.',
    });
  }

  /** Has the log tell what is thrown to whoever asked. */
  async #told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof ViprError) this.#logError(error);
      throw error;
    }
  }

  #logError({ code, hint, message }: ViprError): void {
    // What was asked for amiss is nobody's failure.
    this.#logger[code === 'USAGE' ? 'warn' : 'error']({ code, hint }, message);
  }

  #takeRefusal(operation: Operation, error: ViprError): void {
    const key = 'service' in operation && operation.service ? serviceKey(operation.service) : undefined;
    // Where a service was refused, so are its destinations, for want of it.
    if (key !== undefined && this.#refusals.has(key)) return;
    if (key !== undefined) this.#refusals.set(key, error.message);
    this.#logError(error);
  }

  #forgetRefusal(operation: Operation): void {
    if (operation.kind === 'flush') this.#refusals.clear();
    else if (operation.kind !== 'zero' && 'service' in operation) {
      this.#refusals.delete(serviceKey(operation.service));
    }
  }
}
