import type { Engine } from '../engines/engine.ts';
import type { TableSnapshot } from '../model/table.ts';
import type { OperatedDirector } from './operated-director.ts';
import type { Synchronisation } from './protocol.ts';

/** How the connection synchronisation of a director is. Of the kernel's daemons only settings are known. */
export async function readSynchronisation(
  director: Pick<Engine, 'synchronisation'> & Pick<OperatedDirector, 'configuredSync'>,
  { daemons }: Pick<TableSnapshot, 'daemons'>,
): Promise<Synchronisation> {
  return { daemons, ...director.configuredSync(daemons), ...(await director.synchronisation?.()) };
}
