import type { DaemonRole, SyncDaemon } from '../../../model/daemon.ts';
import type { SyncService } from '../../../sync/sync-service.ts';
import { SETTING_BACKUP_ONLY } from '../layout.gen.ts';
import type { SettingsMap } from '../lifecycle/settings-map.ts';
import type { Sysctls } from '../lifecycle/sysctl.ts';

export interface DaemonFollowerModules {
  readonly service: Pick<SyncService, 'start' | 'stop'>;
  readonly settings: Pick<SettingsMap, 'setFlag'>;
  readonly sysctls: Pick<Sysctls, 'backup_only' | 'sync_qlen_max' | 'sync_sock_size'>;
}

/** Has those daemons run that the table lists. */
export class DaemonFollower {
  readonly #modules: DaemonFollowerModules;
  readonly #running = new Map<DaemonRole, SyncDaemon>();
  #work: Promise<void> = Promise.resolve();

  constructor(modules: DaemonFollowerModules) {
    this.#modules = modules;
    this.#setBackupOnly();
  }

  /** Resolves when it is as listed. */
  follow(listed: readonly SyncDaemon[]): Promise<void> {
    const done = this.#work.then(() => this.#reconcile(listed));
    // One that failed is the caller's to tell, and keeps nobody else from trying.
    this.#work = done.catch(() => {});
    return done;
  }

  async #reconcile(listed: readonly SyncDaemon[]): Promise<void> {
    const { service, sysctls } = this.#modules;
    for (const [role, daemon] of [...this.#running]) {
      const wanted = listed.find((each) => each.role === role);
      if (wanted !== undefined && isSame(wanted, daemon)) continue;
      await service.stop(role);
      this.#running.delete(role);
    }
    for (const daemon of listed) {
      if (this.#running.has(daemon.role)) continue;
      service.start(daemon, { queueLength: sysctls.sync_qlen_max, socketBytes: sysctls.sync_sock_size });
      this.#running.set(daemon.role, daemon);
    }
    this.#setBackupOnly();
  }

  /** Who is a master too balances; in IPVS nobody does who is a backup (ip_vs.h, sysctl_backup_only). */
  #setBackupOnly(): void {
    const { settings, sysctls } = this.#modules;
    const isBackup = this.#running.has('backup') && !this.#running.has('master');
    settings.setFlag(SETTING_BACKUP_ONLY, isBackup && sysctls.backup_only === 1);
  }
}

function isSame(one: SyncDaemon, other: SyncDaemon): boolean {
  return (Object.keys(one) as (keyof SyncDaemon)[]).every((key) => one[key] === other[key]);
}
