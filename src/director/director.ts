import type { Logger } from 'pino';
import type {
  DestinationSelection,
  DirectorEvent,
  DrainRequest,
  DrainStatus,
  Explanation,
  OperatedDirector,
} from '../api/operated-director.ts';
import type { DirectorInfo, ReloadResponse, TableChange, WantedTable } from '../api/protocol.ts';
import type { ControlledDirector } from '../api/server.ts';
import type { DriftMode } from '../config/config.ts';
import { formatConfig, inFileOrder } from '../config/format-config.ts';
import type {
  Engine,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
} from '../engines/engine.ts';
import type { Timers } from '../health/timers.ts';
import { type ConfiguredSync, NO_CONFIGURED_SYNC } from '../model/configured-sync.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import type { DestinationKey } from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import type { CheckAttempt, ServiceHealth } from '../model/health.ts';
import type { Monitoring } from '../model/monitoring.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import type { SyncStatus } from '../model/sync-status.ts';
import type { Table, TableSnapshot } from '../model/table.ts';
import { NO_VRRP, type VrrpStatus } from '../model/vrrp-status.ts';
import { applyOperations } from './apply-operations.ts';
import { type ChangeFacts, ChangeLog } from './change-log.ts';
import type { Configuration, ConfigurationReading } from './configuration.ts';
import { Desired } from './desired.ts';
import { NO_STATE } from './director-state.ts';
import { Drains } from './drains.ts';
import { Drift } from './drift.ts';
import { type EventFacts, EventRing } from './event-ring.ts';
import { explainClient } from './explain-client.ts';
import { Healing } from './healing.ts';
import type { HealthFactory } from './health.ts';
import { logChanges } from './log-changes.ts';
import { OwnedServices } from './owned-services.ts';
import { planTable } from './plan-table.ts';
import { SerialQueue } from './serial-queue.ts';
import type { ServiceManager } from './service-manager.ts';
import { FORGETFUL, type StateKeeper } from './state-file.ts';
import type { DirectorSync } from './sync/director-sync.ts';
import { takenOut } from './taken-out.ts';
import { wantedTable } from './wanted-table.ts';
import { whoAsked } from './who-asked.ts';

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
  /** Makes what watches services; absent: nobody is watched. */
  readonly health?: HealthFactory;
  /** Absent: nothing is remembered beyond the director's end. */
  readonly state?: StateKeeper;
  /** How VRRP is, where it runs beside the director; undefined while it does not. */
  readonly vrrp?: () => VrrpStatus | undefined;
  /** The synchronisation daemons of the configuration; absent: nothing is asked. */
  readonly sync?: Pick<DirectorSync, 'status' | 'noteByHand' | 'checkDrift'>;
  /** Is told of reloads. */
  readonly manager?: Pick<ServiceManager, 'reload'>;
  /** Milliseconds since 1970; the system's clock where absent. */
  readonly wallClock?: () => number;
  /** Milliseconds of a monotonic clock; the system's where absent. */
  readonly now?: () => number;
  /** What drains wait with; the system's where absent. */
  readonly timers?: Timers;
}

/** What a configuration says beside its table. */
export interface StartOptions {
  readonly drift?: DriftMode;
  readonly monitoring?: Monitoring;
}

/**
 * A running engine with the table that the configuration wants, as far as checks and drains let it. It is an engine itself: what comes
 * through the control socket passes here, is logged, and goes on to the engine.
 */
export class Director implements Engine, ControlledDirector, OperatedDirector {
  readonly #engine: Engine;
  readonly #logger: Logger;
  readonly #changes: ChangeLog;
  readonly #info: DirectorInfo;
  /** Why the engine refused entries of the configuration, until somebody adds or deletes the service. */
  readonly #refusals = new Map<ServiceKey, string>();
  readonly #owned: OwnedServices;
  readonly #desired: Desired;
  /** Whatever changes the table, so that nothing comes between a look at it and what follows from that. */
  readonly #queue = new SerialQueue();
  readonly #reloads = new SerialQueue();
  readonly #configuration: Configuration | undefined;
  readonly #drift: Drift;
  readonly #drains: Drains;
  readonly #healing: Healing;
  readonly #events: EventRing;
  readonly #attemptListeners = new Set<(attempt: CheckAttempt) => void>();
  readonly #state: StateKeeper;
  readonly #manager: Pick<ServiceManager, 'reload'> | undefined;
  readonly #vrrp: () => VrrpStatus | undefined;
  readonly #sync: DirectorModules['sync'];
  /** That of the engine, where it has its own. */
  readonly synchronisation?: () => Promise<SyncStatus>;
  #driftMode: DriftMode = 'report';
  #started: Promise<void> = Promise.resolve();

  constructor(options: DirectorOptions, modules: DirectorModules) {
    const { engine, logger, configuration, health, state = FORGETFUL, timers } = modules;
    const { wallClock = Date.now, now = () => performance.now() } = modules;
    const earlier = state === FORGETFUL ? NO_STATE : state.read();
    const tell = (event: EventFacts) => this.#events.tell(event);
    this.#engine = engine;
    this.#logger = logger;
    this.#configuration = configuration;
    this.#state = state;
    this.#manager = modules.manager;
    this.#vrrp = modules.vrrp ?? (() => undefined);
    this.#sync = modules.sync;
    const synchronisation = engine.synchronisation?.bind(engine);
    if (synchronisation !== undefined) this.synchronisation = synchronisation;
    this.#events = new EventRing(wallClock);
    this.#owned = new OwnedServices(earlier.owned);
    this.#drift = new Drift({ engine, owned: this.#owned, logger, tell });
    this.#changes = new ChangeLog(engine, logger, (change) => this.#tellChange(change));
    this.#drains = new Drains(
      {
        engine,
        owned: this.#owned,
        sync: (services) => this.#healing.sync(services),
        purge: (service, destination) => this.#healing.purge(service, destination),
        alone: (work) => this.#queue.run(work),
        tell: (event) => {
          logger.info(whoAsked(), event.text);
          tell(event);
        },
        remember: () => this.#remember(),
        now,
        wallClock,
        ...(timers !== undefined && { timers }),
      },
      earlier.drains,
    );
    this.#healing = new Healing({
      engine,
      owned: this.#owned,
      logger,
      tell,
      alone: (work) => this.#queue.run(work),
      effective: (service) => this.#desired.effective(service),
      monitoring: () => this.#desired.monitoring,
    });
    this.#desired = new Desired(
      { drains: this.#drains, owned: this.#owned },
      health?.({
        ...this.#healing.listener,
        onAttempt: (attempt) => {
          for (const listener of this.#attemptListeners) listener(attempt);
        },
      }),
    );
    this.#info = { pid: process.pid, startedAt: new Date(wallClock()).toISOString(), ...options };
  }

  describe(): DirectorInfo {
    return this.#info;
  }

  /**
   * Makes the configuration's services what the configuration says, deletes those that an earlier director owned, and leaves all others
   * alone: the kernel's table may hold what an operator or another program added. What cannot be done is logged and a fault; the rest runs.
   */
  start(table: Table, options: StartOptions = {}): Promise<void> {
    this.#driftMode = options.drift ?? 'report';
    this.#started = this.#queue.run(() => this.#start(table, options.monitoring ?? new Map()));
    return this.#started;
  }

  /** Starts without a configuration: what an earlier director owned is owned, and what it drained is drained. */
  restart(): Promise<void> {
    this.#started = this.#queue.run(async () => {
      await this.#drains.resume();
      this.#events.tell({ kind: 'started', text: 'started without a configuration' });
    });
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

  /** Runs something on the engine with nothing else at work on the table; what it changes is not logged here. */
  alone<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    return this.#queue.run(() => work(this.#engine));
  }

  plan({ prune, ...wanted }: WantedTable): Promise<readonly TableChange[]> {
    return this.#queue.run(async () => {
      const target = this.#desired.table(wanted, this.#desired.monitoring);
      return planTable(await this.#engine.snapshot(), target, this.#owned.keys, prune).changes;
    });
  }

  apply(wanted: WantedTable): Promise<readonly TableChange[]> {
    return this.#queue.run(() => this.#apply(wanted, this.#desired.monitoring));
  }

  /** Reads the configuration again and applies it; reloads come one after the other, so that the last one has the last word. */
  reload(): Promise<ReloadResponse> {
    return this.#reloads.run(() => this.#manager?.reload(() => this.#reload()) ?? this.#reload());
  }

  /** Looks for what other programs changed of the director's services and synchronisation daemons; to be called every few seconds. */
  checkDrift(): Promise<void> {
    return this.#queue.run(async () => {
      this.#state.retry?.();
      await this.#healing.retry();
      const live = await this.#drift.check(this.#driftMode);
      await this.#sync?.checkDrift(this.#driftMode, this.#engine, live?.daemons);
    });
  }

  drift(): readonly TableChange[] {
    return this.#drift.found;
  }

  wanted(): Promise<Table> {
    return this.#queue.run(async () => wantedTable(await this.#engine.snapshot(), this.#owned, this.#drains));
  }

  async configuration(): Promise<string> {
    const table = await this.wanted();
    return this.#configuration?.format(table) ?? formatConfig({ table: inFileOrder(table) });
  }

  async health(): Promise<readonly ServiceHealth[]> {
    return this.#desired.health();
  }

  vrrp(): VrrpStatus {
    return this.#vrrp() ?? NO_VRRP;
  }

  configuredSync(running: readonly SyncDaemon[]): ConfiguredSync {
    return this.#sync?.status(running) ?? NO_CONFIGURED_SYNC;
  }

  drain(request: DrainRequest): Promise<readonly DrainStatus[]> {
    return this.#queue.run(() => this.#drains.start(request));
  }

  async drains(): Promise<readonly DrainStatus[]> {
    return this.#drains.status();
  }

  restore(selection: DestinationSelection): Promise<readonly DrainStatus[]> {
    return this.#queue.run(() => this.#drains.restore(selection));
  }

  async explain(client: Explanation['client'], service: ServiceId): Promise<Explanation> {
    const key = serviceKey(service);
    const live = await this.#engine.service(service);
    if (live === undefined) {
      throw new ViprError('SERVICE_NOT_FOUND', `The table holds no service ${key}.`, {
        hint: '`vipr status` lists those that it holds.',
      });
    }
    const known = {
      live,
      wanted: this.#owned.wanted.get(key),
      health: this.#desired.health().find((each) => each.service === key),
      isDrained: (destination: DestinationKey) => this.#drains.has(key, destination),
    };
    return explainClient(known, client, this.#engine.connections());
  }

  events(after: number): readonly DirectorEvent[] {
    return this.#events.after(after);
  }

  onEvent(listener: (event: DirectorEvent) => void): () => void {
    return this.#events.listen(listener);
  }

  onAttempt(listener: (attempt: CheckAttempt) => void): () => void {
    const own = (attempt: CheckAttempt): void => listener(attempt);
    this.#attemptListeners.add(own);
    return () => void this.#attemptListeners.delete(own);
  }

  /** Tells of something that happened elsewhere, such as the end of a script. */
  tell(event: EventFacts): void {
    this.#events.tell(event);
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

  /** Ends the checks, too. */
  async close(drainMilliseconds: number): Promise<void> {
    this.#drains.close();
    this.#healing.close();
    await Promise.all([this.#desired.close(), this.#engine.close(drainMilliseconds)]);
  }

  async #start(table: Table, monitoring: Monitoring): Promise<void> {
    this.#desired.watch(table, monitoring);
    const live = await this.#engine.snapshot();
    const { operations, changes } = planTable(live, this.#desired.table(table, monitoring), this.#owned.keys);
    this.#remember(this.#owned.claims(table, live));
    const outcomes = await this.#engine.execute(operations);
    this.#owned.own(table, live);
    for (const [index, operation] of operations.entries()) {
      const error = outcomes[index];
      if (error !== undefined) this.#takeRefusal(operation, error);
      else if (operation.kind === 'delete-service') {
        this.#logger.info(`removed ${changes[index]?.service}, of a configuration before this one`);
      }
      if (error === undefined) this.#owned.note(operation);
    }
    for (const [key, reason] of await this.#engine.faults()) {
      this.#logger.error(`${key} takes no traffic: ${reason}`);
    }
    await this.#drains.resume();
    this.#remember();
    this.#events.tell({ kind: 'started', text: `started: services ${table.services.length}` });
  }

  async #execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const change = await this.#changes.before(operations);
    const outcomes = [...(await this.#engine.execute(operations))];
    const touched = new Set<ServiceKey>();
    for (const [index, operation] of operations.entries()) {
      const error = outcomes[index];
      if (error === undefined) {
        this.#owned.note(operation);
        this.#forgetRefusal(operation);
        this.#sync?.noteByHand(operation);
      } else if (takenOut(operation, error, this.#owned.wanted)) outcomes[index] = undefined;
      else continue;
      if (operation.kind === 'zero') continue;
      // What is flushed is touched, too: it is not watched any more.
      if (operation.kind === 'flush')
        for (const { id } of this.#owned.wanted.all()) touched.add(serviceKey(id));
      else if ('service' in operation) touched.add(serviceKey(operation.service));
      this.#owned.noteWanted(operation);
    }
    change.log(outcomes);
    this.#desired.watchAgain(touched);
    await this.#healing.sync(touched);
    return outcomes;
  }

  async #apply({ prune, ...wanted }: WantedTable, monitoring: Monitoring): Promise<readonly TableChange[]> {
    const live = await this.#engine.snapshot();
    const target = this.#desired.table(wanted, monitoring);
    const { operations, changes } = planTable(live, target, this.#owned.keys, prune);
    this.#remember(this.#owned.claims(wanted, live));
    await this.#told(applyOperations(this.#engine, operations, live).catch((error) => this.#giveUp(error)));
    this.#owned.own(wanted, live);
    for (const operation of operations) this.#owned.note(operation);
    this.#refusals.clear();
    logChanges(this.#logger, changes, (change) => this.#tellChange(change));
    // Not earlier: a table that is refused must not cost what is known of the present one.
    this.#desired.watch(wanted, monitoring);
    await this.#healing.sync(this.#owned.keys);
    await this.#drains.forget();
    this.#remember();
    return changes;
  }

  async #reload(): Promise<ReloadResponse> {
    const { table, monitoring, drift, notes, adopt } = await this.#told(this.#readConfiguration());
    const changes = await this.#queue.run(() => this.#apply(table, monitoring));
    this.#driftMode = drift;
    adopt?.();
    for (const note of notes) this.#logger.warn(note);
    const text = `reloaded ${this.#info.configFile}: changes ${changes.length}`;
    this.#logger.info(whoAsked(), text);
    this.#events.tell({ kind: 'reload', text, ...whoAsked() });
    return { changes, notes };
  }

  async #readConfiguration(): Promise<ConfigurationReading> {
    if (this.#configuration !== undefined) return this.#configuration.read();
    throw new ViprError('USAGE', 'The director was started without a configuration.', {
      hint: 'Give a file to `vipr apply`, or start the director with `vipr up --config`.',
    });
  }

  /** Before a table is applied with what is about to be the director's, so that the next one finds it wherever this one is killed. */
  #remember(owned: readonly ServiceKey[] = [...this.#owned.keys]): void {
    this.#state.write({ owned, drains: this.#drains.records });
  }

  /** Where a refused step was put back, what was to be new is nobody's; after a failure of the engine it may be there. */
  #giveUp(error: unknown): never {
    if (error instanceof ViprError && error.code === 'APPLY_REFUSED') this.#remember();
    throw error;
  }

  #tellChange(change: ChangeFacts): void {
    this.#events.tell({ kind: 'change', ...change, ...whoAsked() });
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
