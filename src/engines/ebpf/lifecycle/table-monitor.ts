import { defend, isAlmostFull } from './defences.ts';
import type { SettingsMap } from './settings-map.ts';
import type { Sysctls } from './sysctl.ts';
import { ALARMS, type Totals } from './totals.ts';

export interface TableMonitorModules {
  readonly settings: Pick<SettingsMap, 'change'>;
  readonly totals: Pick<Totals, 'read'> & {
    /** Of the fuller of the two connection tables. */
    readonly entries: () => number;
  };
  readonly info: (text: string) => void;
  readonly warn: (text: string) => void;
}

export interface TableMonitorOptions {
  readonly sysctls: Sysctls;
  /** Entries that the connection table of each family has room for. */
  readonly room: number;
}

/** Milliseconds between two words about one total. */
const QUIET = 10_000;

/** Looks at the table every second: switches the defences, and tells the log what goes wrong. */
export class TableMonitor {
  readonly #options: TableMonitorOptions;
  readonly #modules: TableMonitorModules;
  readonly #told: Map<number, { count: bigint; at: number }>;
  #almostFull = false;

  constructor(options: TableMonitorOptions, modules: TableMonitorModules) {
    this.#options = options;
    this.#modules = modules;
    const at = Number.NEGATIVE_INFINITY;
    this.#told = new Map(ALARMS.map(({ total }) => [total, { count: modules.totals.read(total), at }]));
  }

  /** `now` is in milliseconds. */
  look(now: number): void {
    const { sysctls, room } = this.#options;
    const fill = { entries: this.#modules.totals.entries(), room };
    const almostFull = isAlmostFull(fill, this.#almostFull);
    if (almostFull !== this.#almostFull) {
      this.#almostFull = almostFull;
      const share = `${fill.entries} of ${room} entries`;
      if (almostFull) this.#modules.warn(`the connection table is almost full: ${share}; defences are on`);
      else this.#modules.info(`the connection table has room again: ${share}`);
    }
    this.#modules.settings.change((before) => defend(sysctls, fill, almostFull, before));
    this.#tell(now);
  }

  #tell(now: number): void {
    for (const { total, text, what } of ALARMS) {
      const told = this.#told.get(total);
      const count = this.#modules.totals.read(total);
      if (told === undefined || count === told.count || now - told.at < QUIET) continue;
      this.#modules.warn(`${count - told.count} ${text}: ${what}`);
      this.#told.set(total, { count, at: now });
    }
  }
}
