import type { Logger } from 'pino';
import type { Config, DriftMode, SyncSettings } from '../../config/config.ts';
import type { Engine } from '../../engines/engine.ts';
import { SYSTEM_TIMERS, type Timers } from '../../health/timers.ts';
import type { ConfiguredSync } from '../../model/configured-sync.ts';
import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import type { Operation } from '../../model/operation.ts';
import type { SyncStatus } from '../../model/sync-status.ts';
import type { VrrpStateName } from '../../model/vrrp-status.ts';
import type { EventFacts } from '../event-ring.ts';
import { whoAsked } from '../who-asked.ts';
import { configuredDaemons } from './configured-daemons.ts';
import { DaemonDrift } from './daemon-drift.ts';
import { type DaemonOperation, daemonOperations, describeDaemon, roleOf } from './daemon-operations.ts';
import { type SyncFailure, SyncFailures } from './sync-failures.ts';
import { SyncHold } from './sync-hold.ts';
import { lastSettings, type StateOf, wantedDaemon } from './wanted-daemons.ts';

/** How long after a failure it is tried again, in milliseconds. */
const RETRY_INTERVAL = 5000;

type DaemonEngine = Pick<Engine, 'execute' | 'snapshot' | 'daemons'>;

export interface DirectorSyncModules {
  readonly logger: Logger;
  readonly director: {
    /** Runs something with nothing else at work on the table. */
    alone<T>(work: (engine: DaemonEngine) => Promise<T>): Promise<T>;
    tell(event: EventFacts): void;
  };
  /** The engine's, where it has its own synchronisation. */
  readonly synchronisation?: (() => Promise<SyncStatus>) | undefined;
  readonly vrrp: {
    stateOf(instance: string): VrrpStateName;
    hold(reason: string | undefined): void;
  };
  readonly timers?: Timers;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  /** Milliseconds since 1970; the system's clock where absent. */
  readonly wallClock?: () => number;
}

/**
 * The synchronisation daemons that the configuration asks for: they follow VRRP, and VRRP waits for what a backup has to learn. Without a section
 * `sync` daemons are left as they are.
 */
export class DirectorSync {
  readonly #modules: DirectorSyncModules;
  readonly #hold: SyncHold;
  #settings: Pick<Config, 'sync' | 'vrrp'> = {};
  /** Roles whose daemons are the director's: it started them, or found them as the configuration has them. */
  readonly #own = new Set<DaemonRole>();
  readonly #failures: SyncFailures;
  readonly #drift: DaemonDrift;
  #phase: 'waiting' | 'running' | 'ending' | 'over' = 'waiting';
  readonly #stateOf: StateOf = (instance) => this.#modules.vrrp.stateOf(instance);
  /** Work that waits for its turn. */
  #queued: Promise<void> | undefined;
  /** Whether that work is for more than to try again what failed: then what operators did is over. */
  #isAnew = false;
  #cancelRetry: () => void = () => {};
  #stopped: Promise<void> | undefined;

  constructor(modules: DirectorSyncModules) {
    this.#modules = modules;
    const { logger, director, synchronisation, vrrp } = modules;
    const tell = (event: EventFacts) => director.tell(event);
    const { timers = SYSTEM_TIMERS, now = () => performance.now(), wallClock = Date.now } = modules;
    this.#failures = new SyncFailures(logger, wallClock);
    this.#drift = new DaemonDrift({ logger, tell, wallClock });
    this.#hold = new SyncHold({
      logger,
      tell,
      synchronisation,
      hold: (reason) => vrrp.hold(reason),
      timers,
      now,
    });
  }

  /** Goes on with these settings, once it has begun. */
  adopt(settings: Pick<Config, 'sync' | 'vrrp'>): void {
    this.#settings = settings;
    this.reconsider();
  }

  /**
   * Starts the daemons; to be called when the table is in the engine, and before VRRP begins, which is held from then on until
   * a backup is synchronised. What goes wrong is logged, and tried again.
   */
  async begin(): Promise<void> {
    this.#phase = 'running';
    await this.#settle();
    await this.#hold.follow(this.#isBackup);
  }

  /** To be called when a VRRP instance has changed its state. What goes wrong is logged, and tried again. */
  reconsider(): void {
    if (this.#phase === 'waiting' || this.#phase === 'over') return;
    this.#isAnew = true;
    void this.#hold.follow(this.#isBackup);
    void this.#settle();
  }

  /** What the configuration asks for now, and what has come of it where these daemons run. */
  status(running: readonly SyncDaemon[]): ConfiguredSync {
    const configured = configuredDaemons(this.#asked, running, {
      stateOf: this.#stateOf,
      failureOf: (role) => this.#failures.of(role) ?? this.#drift.reasonOf(role),
    });
    const hold = this.#hold.reason;
    return { configured, ...(hold !== undefined && { hold }) };
  }

  /** Takes in what an operator did through the director: it is no drift, and holds until VRRP changes or settings are adopted. */
  noteByHand(operation: Operation): void {
    if (operation.kind !== 'start-daemon' && operation.kind !== 'stop-daemon') return;
    if (this.#settings.sync === undefined || this.#phase !== 'running') return;
    this.#drift.noteByHand(operation, whoAsked().actor);
  }

  /**
   * Looks for what other programs did to the daemons, and with `repair` undoes it; to be called with nothing else at work on the table.
   * `running` are those that run, where they are known. Rejects where the engine fails.
   */
  async checkDrift(mode: DriftMode, engine: DaemonEngine, running?: readonly SyncDaemon[]): Promise<void> {
    if (mode === 'ignore') this.#drift.clear();
    if (mode === 'ignore' || !this.#isAtRest) return;
    const daemons = running ?? (await runningDaemons(engine));
    // What VRRP has changed meanwhile is about to be carried out.
    if (!this.#isAtRest) return;
    this.#drift.look(daemons, this.#wanted);
    if (mode === 'repair') this.#conclude(await this.#carryOut(engine, daemons, true));
  }

  /**
   * Stops the daemons that are the director's: a master when its instance has given up, all when `gaveUp` resolves. More than once does no
   * harm.
   */
  stop(gaveUp: Promise<void>): Promise<void> {
    this.#stopped ??= this.#stop(gaveUp);
    return this.#stopped;
  }

  async #stop(gaveUp: Promise<void>): Promise<void> {
    const hasBegun = this.#phase === 'running';
    this.#phase = 'ending';
    this.#isAnew = true;
    this.#cancelRetry();
    void this.#hold.follow(false);
    if (hasBegun) void this.#settle();
    try {
      await gaveUp;
    } finally {
      this.#phase = 'over';
      if (hasBegun) await this.#settle();
    }
  }

  /** What is to run now. */
  get #asked(): readonly SyncSettings[] {
    const { sync = [] } = this.#settings;
    if (this.#phase === 'over') return [];
    return this.#phase === 'ending' ? lastSettings(sync, this.#stateOf) : sync;
  }

  get #wanted(): SyncDaemonSettings[] {
    return this.#asked.map((settings) => wantedDaemon(settings, this.#stateOf));
  }

  /** Whether the daemons are as they should be, as far as the director knows. */
  get #isAtRest(): boolean {
    return (
      this.#settings.sync !== undefined &&
      this.#phase === 'running' &&
      this.#queued === undefined &&
      !this.#failures.any
    );
  }

  /** Whether there is something for VRRP to wait for. */
  get #isBackup(): boolean {
    const { vrrp } = this.#settings;
    if (this.#phase !== 'running' || vrrp === undefined || vrrp.instances.length === 0) return false;
    return this.#asked.some((settings) => wantedDaemon(settings, this.#stateOf).role === 'backup');
  }

  /** Changes that come before their turn are one. */
  #settle(): Promise<void> {
    this.#queued ??= this.#work();
    return this.#queued;
  }

  async #work(): Promise<void> {
    this.#cancelRetry();
    await this.#modules.director.alone(async (engine) => {
      this.#queued = undefined;
      if (this.#isAnew) this.#drift.forgetHands();
      this.#isAnew = false;
      this.#drift.clear();
      try {
        this.#conclude(await this.#carryOut(engine, await runningDaemons(engine)));
      } catch (error) {
        const reason = error instanceof Error ? error : new Error(String(error));
        this.#conclude([{ what: 'the synchronisation daemons cannot be looked after', error: reason }]);
      }
    });
    await this.#hold.look();
  }

  /** Takes what could not be done, which is tried again. */
  #conclude(failures: readonly SyncFailure[]): void {
    this.#failures.replace(failures);
    this.#cancelRetry();
    if (failures.length > 0 && this.#phase !== 'over') this.#retry();
  }

  /** The answer has what could not be done, and why. */
  async #carryOut(
    engine: DaemonEngine,
    running: readonly SyncDaemon[],
    isRepair = false,
  ): Promise<readonly SyncFailure[]> {
    const operations = this.#operations(running);
    const outcomes = operations.length === 0 ? [] : await engine.execute(operations);
    const failures: SyncFailure[] = [];
    for (const [index, operation] of operations.entries()) {
      const error = outcomes[index];
      const done = operation.kind === 'start-daemon' ? 'started' : 'stopped';
      const name = describeDaemon(operation, running);
      if (error === undefined)
        this.#note(
          operation,
          isRepair ? `drift repaired: ${done} ${name}` : `${done} ${name}${this.#reason}`,
        );
      else if (error.code !== 'DAEMON_NOT_RUNNING')
        failures.push({ what: `${name} cannot be ${done}`, error, operation });
    }
    return failures;
  }

  #operations(running: readonly SyncDaemon[]): DaemonOperation[] {
    const { sync } = this.#settings;
    const own = running.filter(({ role }) => this.#own.has(role)).map(({ role }) => role);
    this.#own.clear();
    for (const role of own) this.#own.add(role);
    if (sync === undefined || this.#phase === 'over')
      return own.map((role) => ({ kind: 'stop-daemon', role }));
    const wanted = this.#wanted;
    for (const { role } of wanted) if (running.some((daemon) => daemon.role === role)) this.#own.add(role);
    return daemonOperations(running, this.#drift.expected(wanted));
  }

  #note(operation: DaemonOperation, text: string): void {
    if (operation.kind === 'start-daemon') this.#own.add(roleOf(operation));
    else this.#own.delete(roleOf(operation));
    this.#modules.logger.info(whoAsked(), text);
    this.#modules.director.tell({ kind: 'sync', text, ...whoAsked() });
  }

  /** Why something is done, where it is because of VRRP. */
  get #reason(): string {
    const [{ role } = { role: 'backup' as const }] = this.#settings.sync ?? [];
    if (typeof role === 'string' || this.#phase !== 'running') return '';
    const state = this.#stateOf(role.follow);
    return state === 'initialize' ? '' : `: VRRP ${role.follow} is ${state}`;
  }

  #retry(): void {
    const { timers = SYSTEM_TIMERS } = this.#modules;
    this.#cancelRetry();
    this.#cancelRetry = timers.after(RETRY_INTERVAL, () => void this.#settle());
  }
}

async function runningDaemons(engine: DaemonEngine): Promise<readonly SyncDaemon[]> {
  return (await engine.daemons?.()) ?? (await engine.snapshot()).daemons;
}
