import { EXPIRING_SECONDS, type Scenario, type ScenarioStep } from '../../scheduling/scenario.ts';
import { ACK, FIN_ACK, frameOf, SYN } from './frame.ts';
import type { GuestStep } from './guest-step.ts';

/** What the kernel's timers and vipr's sweep take beyond the timeout, in a slow guest. */
const LATENESS_MS = 6000;
const EXPIRY_MS = 1000 * EXPIRING_SECONDS + LATENESS_MS;

/** What a guest does for scenarios: commands that follow one another go to one `ipvsadm -R`, packets to one step. */
export function guestSteps(scenarios: readonly Scenario[]): GuestStep[] {
  const merged: ({ lines: string[] } | { frames: string[] } | { pause: number })[] = [];
  for (const step of scenarios.flatMap(({ steps }) => steps)) {
    const last = merged.at(-1);
    if (step.kind === 'expire') {
      merged.push({ pause: EXPIRY_MS });
    } else if (step.kind === 'configure') {
      if (last !== undefined && 'lines' in last) last.lines.push(step.line);
      else merged.push({ lines: [step.line] });
    } else {
      const frames = packets(step).map((frame) => Buffer.from(frame).toString('base64'));
      if (last !== undefined && 'frames' in last) last.frames.push(...frames);
      else merged.push({ frames });
    }
  }
  return merged;
}

function packets({ kind, flow }: Extract<ScenarioStep, { kind: 'open' | 'finish' }>): Uint8Array[] {
  if (kind === 'finish') return [frameOf(flow, FIN_ACK)];
  return flow.protocol === 'udp' ? [frameOf(flow, 0)] : [frameOf(flow, SYN), frameOf(flow, ACK)];
}
