import type { DirectorClient } from '../../api/client.ts';
import { monotonicMilliseconds } from '../../system/clock.ts';
import type { Sample } from './sample.ts';

/** The director as it is now. */
export async function lookAt(client: Pick<DirectorClient, 'status'>): Promise<Sample> {
  const { engine, table, faults, health, vrrp } = await client.status();
  const at = monotonicMilliseconds();
  const more = { ...(health !== undefined && { health }), ...(vrrp !== undefined && { vrrp }) };
  return { engine, table, faults, at, time: Date.now(), ...more };
}
