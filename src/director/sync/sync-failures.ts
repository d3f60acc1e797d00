import type { Logger } from 'pino';
import type { DaemonFailure } from '../../model/configured-sync.ts';
import type { DaemonRole } from '../../model/daemon.ts';
import { ViprError } from '../../model/error.ts';
import { type DaemonOperation, roleOf } from './daemon-operations.ts';

/** Something that could not be done. */
export interface SyncFailure {
  /** `the backup synchronisation daemon on eth1, ID 51 cannot be started` */
  readonly what: string;
  readonly error: Error;
  /** Absent where it is about all daemons. */
  readonly operation?: DaemonOperation;
}

interface ToldFailure extends SyncFailure {
  readonly text: string;
  readonly since: string;
}

/** What of synchronisation cannot be done at the moment: what fails every few seconds for the same reason is told once. */
export class SyncFailures {
  readonly #logger: Logger;
  readonly #wallClock: () => number;
  #told: readonly ToldFailure[] = [];

  /** `wallClock` is in milliseconds since 1970. */
  constructor(logger: Logger, wallClock: () => number) {
    this.#logger = logger;
    this.#wallClock = wallClock;
  }

  /** Takes what failed in the last attempt, which is all that fails now. */
  replace(failures: readonly SyncFailure[]): void {
    const now = new Date(this.#wallClock()).toISOString();
    this.#told = failures.map((failure) => {
      const { what, error } = failure;
      const text = `${what}: ${error.message}`;
      const before = this.#told.find((told) => told.text === text);
      const facts = error instanceof ViprError ? { code: error.code, hint: error.hint } : { err: error };
      this.#logger[before === undefined ? 'error' : 'debug'](facts, text);
      return { ...failure, text, since: before?.since ?? now };
    });
  }

  /** Whether something failed in the last attempt. */
  get any(): boolean {
    return this.#told.length > 0;
  }

  /** Why the daemon in this role does not run as it should, where something failed. */
  of(role: DaemonRole): DaemonFailure | undefined {
    const found = this.#told.find(({ operation }) => operation === undefined || roleOf(operation) === role);
    if (found === undefined) return undefined;
    const { operation, error, text, since } = found;
    return { text: operation?.kind === 'start-daemon' ? error.message : text, since };
  }
}
