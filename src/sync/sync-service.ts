import type { DaemonRole, SyncDaemon } from '../model/daemon.ts';
import type { SyncStatus } from '../model/sync-status.ts';
import { SyncBackup } from './receiver/sync-backup.ts';
import { SyncMaster } from './sender/sync-master.ts';
import type { SyncOptions, SyncServiceModules, SyncSystem } from './service-modules.ts';

/** Carries the connections of a table to other directors as a master, and theirs into it as a backup. */
export class SyncService {
  readonly #modules: SyncServiceModules & SyncSystem;
  #master: SyncMaster | undefined;
  #backup: SyncBackup | undefined;

  constructor(modules: SyncServiceModules & SyncSystem) {
    this.#modules = modules;
  }

  /**
   * Begins at once; what keeps it from working shows as `fault` in the status, is warned of once, and is tried again every second. One that runs in
   * that role already is stopped.
   */
  start(daemon: SyncDaemon, options: SyncOptions = {}): void {
    const { role } = daemon;
    switch (role) {
      case 'master':
        void this.#master?.close();
        this.#master = new SyncMaster(daemon, options, this.#modules);
        return;
      case 'backup':
        this.#backup?.close();
        this.#backup = new SyncBackup(daemon, options, this.#modules);
        return;
      default:
        throw new Error(`no role: ${role satisfies never}`);
    }
  }

  /** What waits is sent before; resolves when the table is used no more. Stopping what does not run does no harm. */
  async stop(role: DaemonRole): Promise<void> {
    switch (role) {
      case 'master': {
        const master = this.#master;
        this.#master = undefined;
        await master?.close();
        return;
      }
      case 'backup':
        this.#backup?.close();
        this.#backup = undefined;
        return;
      default:
        throw new Error(`no role: ${role satisfies never}`);
    }
  }

  status(): SyncStatus {
    const master = this.#master?.status();
    const backup = this.#backup?.status();
    return { ...(master !== undefined && { master }), ...(backup !== undefined && { backup }) };
  }

  /** A service or destination was added: records that found none may find one now, and are asked for again. */
  tableChanged(): void {
    this.#backup?.tableChanged();
  }

  async close(): Promise<void> {
    await this.stop('master');
    await this.stop('backup');
  }
}
