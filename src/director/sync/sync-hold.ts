import type { Logger } from 'pino';
import type { Timers } from '../../health/timers.ts';
import type { SyncStatus } from '../../model/sync-status.ts';
import type { EventFacts } from '../event-ring.ts';

/** How often the engine is asked, in milliseconds. */
const LOOK_INTERVAL = 200;
/** How long a backup daemon may take to begin, in milliseconds: its interface may come up later than the director. */
const DAEMON_LIMIT = 30_000;
const NO_DAEMON = 'the backup synchronisation daemon, which does not run yet';

export interface SyncHoldModules {
  readonly logger: Logger;
  readonly tell: (event: EventFacts) => void;
  /** Absent where the engine cannot tell: then nothing is held. */
  readonly synchronisation?: (() => Promise<SyncStatus>) | undefined;
  /** Has VRRP leave living masters alone, for a reason. */
  readonly hold: (reason: string | undefined) => void;
  readonly timers: Timers;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Keeps VRRP from taking over from a living master while this director does not know the connections that it would have to go on with. */
export class SyncHold {
  readonly #modules: SyncHoldModules;
  #isBackup = false;
  #reason: string | undefined;
  /** Since when a daemon is missing; undefined while one runs. */
  #missingSince: number | undefined;
  #cancelLook: () => void = () => {};
  #hasFailed = false;

  constructor(modules: SyncHoldModules) {
    this.#modules = modules;
  }

  /** What VRRP waits for now; undefined where it is not held. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** `isBackup`: whether this director is to be a backup, which waits. Resolves when the engine was asked. */
  async follow(isBackup: boolean): Promise<void> {
    if (this.#modules.synchronisation === undefined || isBackup === this.#isBackup) return;
    this.#isBackup = isBackup;
    this.#missingSince = undefined;
    this.#cancelLook();
    if (isBackup) await this.#look();
    // A master, and a director that ends, take over from nobody.
    else this.#set(undefined);
  }

  /** Asks the engine at once; to be called when daemons were started. */
  async look(): Promise<void> {
    this.#cancelLook();
    if (this.#isBackup) await this.#look();
  }

  async #look(): Promise<void> {
    const reason = await this.#ask();
    if (!this.#isBackup) return;
    if (reason !== undefined && this.#reason === undefined) {
      this.#note(`VRRP takes over from no living master until connections are synchronised: ${reason}`);
    } else if (reason === undefined && this.#reason !== undefined) {
      this.#note(
        this.#missingSince === undefined
          ? 'connections are synchronised: VRRP may take over again'
          : 'connections are not synchronised, as no backup daemon runs: VRRP may take over all the same',
      );
    }
    this.#set(reason);
    this.#cancelLook();
    this.#cancelLook = this.#modules.timers.after(LOOK_INTERVAL, () => void this.#look());
  }

  async #ask(): Promise<string | undefined> {
    const { synchronisation, logger, now } = this.#modules;
    try {
      const { backup } = (await synchronisation?.()) ?? {};
      this.#hasFailed = false;
      if (backup === undefined) {
        this.#missingSince ??= now();
        return now() - this.#missingSince < DAEMON_LIMIT ? NO_DAEMON : undefined;
      }
      this.#missingSince = undefined;
      return backup.isSynchronised ? undefined : (backup.waitingFor ?? 'the connections of the master');
    } catch (error) {
      if (!this.#hasFailed) logger.warn({ err: error }, 'the engine does not tell of its synchronisation');
      this.#hasFailed = true;
      return undefined;
    }
  }

  #set(reason: string | undefined): void {
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#modules.hold(reason);
  }

  #note(text: string): void {
    this.#modules.logger.info(text);
    this.#modules.tell({ kind: 'sync', text });
  }
}
