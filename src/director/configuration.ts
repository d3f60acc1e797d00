import { isDeepStrictEqual } from 'node:util';
import type { Config, DriftMode } from '../config/config.ts';
import { ConfigInvalidError } from '../config/config-problem.ts';
import { formatConfig, inFileOrder } from '../config/format-config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Monitoring } from '../model/monitoring.ts';
import type { Table } from '../model/table.ts';
import type { EngineDefinition } from './engine-registry.ts';
import { refusedGuards } from './refused-guards.ts';
import { rehearse } from './rehearse.ts';

/** A configuration file that is read again and again. */
export interface Configuration {
  /** Throws CONFIG_INVALID and CONFIG_UNREADABLE. */
  read(): Promise<ConfigurationReading>;
  /** The text of a vipr.yaml with this table, and with all else that was read last. */
  format(table: Table): string;
}

export interface ConfigurationReading {
  readonly table: Config['table'];
  readonly monitoring: Monitoring;
  readonly drift: DriftMode;
  /** What differs from the start and takes a restart, a sentence each. */
  readonly notes: readonly string[];
  /** Puts the rest of the file into effect; to be called once the table is. */
  readonly adopt?: () => void;
}

type Rehearsed = Pick<EngineDefinition, 'name' | 'refuse' | 'capabilities'>;

/** The file that a director was started with. `adopt` puts into effect what a file says beside the table. */
export function configurationOf(
  started: Config,
  engine: Rehearsed,
  adopt?: (config: Config) => void,
): Configuration {
  let latest = started;
  return {
    format: (table) => formatConfig({ ...latest, table: inFileOrder(table) }),
    read: async () => {
      const config = await loadConfig(started.source.file);
      await refuseUnlessRehearsed(config, engine);
      const { table, monitoring, drift } = config;
      return {
        table,
        monitoring,
        drift,
        notes: waitingSettings(started, config),
        adopt: () => {
          latest = config;
          adopt?.(config);
        },
      };
    },
  };
}

/** Throws CONFIG_INVALID for what the table or the engine would refuse, or VRRP would cut off. */
export async function refuseUnlessRehearsed(config: Config, engine: Rehearsed): Promise<void> {
  const problems = [...(await rehearse(config, engine)), ...refusedGuards(config, engine)];
  if (problems.length > 0) throw new ConfigInvalidError(problems);
}

function waitingSettings(before: Config, now: Config): string[] {
  const changed: string[] = (['engine', 'workers', 'relay', 'ebpf', 'api'] as const).filter((name) => {
    return !isDeepStrictEqual(before[name], now[name]);
  });
  if (before.logging.format !== now.logging.format) changed.push('logging.format');
  return changed.map((name) => {
    return `${now.source.file}: ${name} has changed, which takes a restart of the director.`;
  });
}
