import type { Scenario, ScenarioStep } from '../../scheduling/scenario.ts';
import { ACK, FIN_ACK, frameOf, SYN } from './frame.ts';
import type { GuestStep } from './guest-step.ts';

/** A timeout of a second, and what the kernel's timers and a slow guest take. */
const EXPIRY_MS = 3000;

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
