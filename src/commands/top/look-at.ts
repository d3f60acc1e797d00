import type { DirectorClient } from '../../api/client.ts';
import { monotonicMilliseconds } from '../../system/clock.ts';
import type { Sample } from './sample.ts';

/** The director as it is now. */
export async function lookAt(client: Pick<DirectorClient, 'status'>): Promise<Sample> {
  const { engine, table, faults, health } = await client.status();
  const at = monotonicMilliseconds();
  return { engine, table, faults, at, time: Date.now(), ...(health !== undefined && { health }) };
}
