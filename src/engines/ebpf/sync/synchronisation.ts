import type { Operation } from '../../../model/operation.ts';
import type { SyncStatus } from '../../../model/sync-status.ts';
import { openSyncService } from '../../../sync/open-sync-service.ts';
import type { SyncService } from '../../../sync/sync-service.ts';
import type { JiffiesClock } from '../jiffies.ts';
import type { SettingsMap } from '../lifecycle/settings-map.ts';
import type { Sysctls } from '../lifecycle/sysctl.ts';
import type { EbpfTable } from '../table/ebpf-table.ts';
import type { EngineMaps } from '../table/engine-maps.ts';
import { DaemonFollower } from './daemon-follower.ts';
import { EbpfSyncTable, type SyncDataPlane } from './ebpf-sync-table.ts';

export interface SynchronisationModules {
  readonly table: Pick<EbpfTable, 'slots' | 'daemons'>;
  readonly syncDataPlane: SyncDataPlane;
  readonly maps: EngineMaps;
  readonly settings: Pick<SettingsMap, 'read' | 'setFlag'>;
  readonly sysctls: Sysctls;
  readonly clock: JiffiesClock;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly unprivilegedPortStart: number;
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
}

/** The synchronisation daemons of the engine: those that its table lists run, over the connections of its maps. */
export class Synchronisation {
  readonly #table: SynchronisationModules['table'];
  readonly #connections: EbpfSyncTable;
  readonly #service: SyncService;
  readonly #daemons: DaemonFollower;

  constructor(modules: SynchronisationModules) {
    const { table, syncDataPlane, settings, sysctls, now, wallClock, info, warn } = modules;
    this.#table = table;
    this.#connections = new EbpfSyncTable({ ...modules, dataPlane: syncDataPlane, slots: table.slots });
    this.#service = openSyncService({ table: this.#connections, now, wallClock, info, warn });
    this.#daemons = new DaemonFollower({ service: this.#service, settings, sysctls });
  }

  /** What was done to the table takes effect. */
  async executed(operations: readonly Operation[]): Promise<void> {
    const kinds = new Set(operations.map(({ kind }) => kind));
    if (kinds.size === 0) return;
    this.#connections.tableChanged();
    if (kinds.has('add-service') || kinds.has('add-destination')) this.#service.tableChanged();
    if (kinds.has('start-daemon') || kinds.has('stop-daemon'))
      await this.#daemons.follow(this.#table.daemons);
  }

  status(): SyncStatus {
    return this.#service.status();
  }

  /** Ends all daemons. Before the maps are closed. */
  async close(): Promise<void> {
    await this.#daemons.follow([]);
    await this.#service.close();
    this.#connections.close();
  }
}
