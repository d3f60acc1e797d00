import type { DirectorClient } from '../api/client.ts';
import { loadConfig } from '../config/load-config.ts';
import { refuseUnlessRehearsed } from '../director/configuration.ts';
import { loadEngine } from '../director/engine-registry.ts';
import type { Table } from '../model/table.ts';
import type { CommandContext } from './command-context.ts';
import { tellWarnings } from './tell-warnings.ts';

/** The table of a file that the director's engine can have. Throws CONFIG_INVALID, CONFIG_UNREADABLE, and what the client throws. */
export async function wantedTable(
  file: string,
  client: DirectorClient,
  context: Pick<CommandContext, 'stderr'>,
): Promise<Table> {
  const config = await loadConfig(file);
  tellWarnings(config, context);
  const { name } = await client.info();
  if (config.engine !== 'auto' && config.engine !== name) {
    context.stderr(
      `note: ${file} names the engine ${config.engine}; the director runs ${name}, until it is restarted\n`,
    );
  }
  await refuseUnlessRehearsed(config, await loadEngine(name));
  return config.table;
}
