import assert from 'node:assert/strict';
import { flowKey } from '../../scheduling/flow.ts';
import type { Scenario } from '../../scheduling/scenario.ts';

/** Flows by {@link flowKey}, and the server of each; undefined where nobody took it. */
export type Servers = ReadonlyMap<string, string | undefined>;

/**
 * Throws, with all that led to it, where the kernel and vipr gave a flow of `vipr` to different servers; returns how many
 * connections found one.
 */
export function compareServers(scenario: Scenario, kernel: Servers, vipr: Servers): number {
  const story: string[] = [];
  let served = 0;
  for (const step of scenario.steps) {
    if (step.kind === 'configure') story.push(`ipvsadm ${step.line}`);
    else if (step.kind === 'finish') story.push(`finish ${flowKey(step.flow)}`);
    else if (step.kind === 'expire') story.push(`${step.flows.length} connections expire`);
    else {
      const key = flowKey(step.flow);
      if (!vipr.has(key)) continue;
      const [expected, actual] = [kernel.get(key) ?? 'nobody', vipr.get(key) ?? 'nobody'];
      if (expected !== 'nobody') served += 1;
      story.push(`${key}: ${expected}`);
      const where = `seed ${scenario.seed}: the kernel did\n${story.join('\n')}\nvipr gives ${actual}`;
      assert.equal(actual, expected, where);
    }
  }
  return served;
}
