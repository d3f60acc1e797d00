import type { DrainStatus } from '../api/operated-director.ts';
import type { DrainDisplay } from './drain-display.ts';
import { drainName } from './format-drains.ts';
import { pause } from './interruption.ts';
import type { OperatedClient } from './operated-client.ts';

/** How often a drain is looked at, in milliseconds. */
const PERIOD = 1000;

export interface DrainOutcome {
  /** The last that was seen of each. */
  readonly drains: readonly DrainStatus[];
  /** Whether the watching was ended before the drains did. */
  readonly interrupted: boolean;
  /** Those that somebody restored meanwhile. */
  readonly restored: readonly DrainStatus[];
}

/** Watches drains until none goes on, or the signal comes. `wait` returns false where it did. */
export async function watchDrains(
  started: readonly DrainStatus[],
  client: Pick<OperatedClient, 'drains'>,
  display: DrainDisplay,
  signal: AbortSignal,
  wait: (milliseconds: number, signal: AbortSignal) => Promise<boolean> = pause,
): Promise<DrainOutcome> {
  let drains = started;
  const restored: DrainStatus[] = [];
  display.show(drains);
  while (drains.some(({ state }) => state === 'draining')) {
    if (!(await wait(PERIOD, signal))) return { drains, interrupted: true, restored };
    const found = new Map((await client.drains()).map((drain) => [drainName(drain), drain]));
    restored.push(...drains.filter((drain) => !found.has(drainName(drain))));
    drains = drains.flatMap((drain) => found.get(drainName(drain)) ?? []);
    display.show(drains);
  }
  return { drains, interrupted: false, restored };
}
