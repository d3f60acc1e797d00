import assert from 'node:assert/strict';
import { flowKey } from './flow.ts';
import type { Scenario } from './scenario.ts';

/** How many flows of the scenario each server got. */
export function sharesOf(
  servers: ReadonlyMap<string, string | undefined>,
  scenario: Scenario,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const step of scenario.steps) {
    if (step.kind !== 'open') continue;
    const server = servers.get(flowKey(step.flow)) ?? 'nobody';
    counts.set(server, (counts.get(server) ?? 0) + 1);
  }
  return counts;
}

/** Within six standard deviations of the samples' mean, and two flows. */
export function assertLikely(value: number, samples: readonly number[], what: string): void {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length;
  const variance = samples.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / samples.length;
  const leeway = 6 * Math.sqrt(variance) + 2;
  assert.ok(Math.abs(value - mean) <= leeway, `${what}: ${value} connections, expected ${mean} ± ${leeway}`);
}
