import type { DirectorClient } from '../api/client.ts';
import { loadConfig } from '../config/load-config.ts';
import { refuseUnlessRehearsed } from '../director/configuration.ts';
import { loadEngine } from '../director/engine-registry.ts';
import type { Table } from '../model/table.ts';

/** The table of a file that the director's engine can have. Throws CONFIG_INVALID, CONFIG_UNREADABLE, and what the client throws. */
export async function wantedTable(file: string, client: DirectorClient): Promise<Table> {
  const config = await loadConfig(file);
  const { name } = await client.info();
  await refuseUnlessRehearsed(config, await loadEngine(name));
  return config.table;
}
