import type { Engine } from '../engines/engine.ts';
import type { TableSnapshot } from '../model/table.ts';
import type { Synchronisation } from './protocol.ts';

/** How the connection synchronisation of an engine is. Of the kernel's daemons only settings are known. */
export async function readSynchronisation(
  engine: Pick<Engine, 'synchronisation'>,
  { daemons }: Pick<TableSnapshot, 'daemons'>,
): Promise<Synchronisation> {
  return { daemons, ...(await engine.synchronisation?.()) };
}
