import { isDeepStrictEqual } from 'node:util';
import type { Config, DriftMode } from '../config/config.ts';
import { ConfigInvalidError } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import type { EngineDefinition } from './engine-registry.ts';
import { rehearse } from './rehearse.ts';

/** A configuration file that is read again and again. */
export interface Configuration {
  /** Throws CONFIG_INVALID and CONFIG_UNREADABLE. */
  read(): Promise<ConfigurationReading>;
}

export interface ConfigurationReading {
  readonly table: Config['table'];
  readonly drift: DriftMode;
  /** What differs from the start and takes a restart, a sentence each. */
  readonly notes: readonly string[];
}

type Rehearsed = Pick<EngineDefinition, 'refuse' | 'capabilities'>;

/** The file that a director was started with. */
export function configurationOf(started: Config, engine: Rehearsed): Configuration {
  return {
    read: async () => {
      const config = await loadConfig(started.source.file);
      await refuseUnlessRehearsed(config, engine);
      const { table, drift } = config;
      return { table, drift, notes: waitingSettings(started, config) };
    },
  };
}

/** Throws CONFIG_INVALID for what the table or the engine would refuse. */
export async function refuseUnlessRehearsed(config: Config, engine: Rehearsed): Promise<void> {
  const problems = await rehearse(config, engine);
  if (problems.length > 0) throw new ConfigInvalidError(problems);
}

function waitingSettings(before: Config, now: Config): string[] {
  return (['engine', 'workers', 'relay', 'ebpf'] as const)
    .filter((name) => !isDeepStrictEqual(before[name], now[name]))
    .map((name) => `${now.source.file}: ${name} has changed, which takes a restart of the director.`);
}
