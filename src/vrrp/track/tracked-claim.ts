/** What was found out about something that is tracked. */
export type Finding = {
  /** For people: `script check_web`. */
  readonly what: string;
  /** 0: it is a fault while it is down. */
  readonly weight: number;
  readonly reverse?: boolean;
} & ({ readonly isUp: boolean; readonly value?: never } | { readonly value: number; readonly isUp?: never });

/** What an instance may claim. */
export interface TrackedClaim {
  /** 1 to 255. */
  readonly priority: number;
  /** Why it may not be master at all; empty where it may. */
  readonly faults: readonly string[];
}

const OWNER = 255;
/** A weighted value of a file below this is a fault (keepalived.conf(5), track_file). */
const LEAST_CHANGE = -253;

/**
 * The priority that an instance claims, and why it is in fault, by what it tracks: a positive weight is added while the thing is up, a negative
 * one while it is down; the value of a file is multiplied by its weight (keepalived, vrrp_track.c). The owner's 255 stays, and
 * nobody else reaches it.
 */
export function trackedClaim(configured: number, findings: readonly Finding[]): TrackedClaim {
  const faults: string[] = [];
  let priority = configured;
  for (const finding of findings) {
    const fault = faultOf(finding);
    if (fault !== undefined) faults.push(fault);
    else priority += changeBy(finding);
  }
  return { priority: configured === OWNER ? OWNER : Math.min(OWNER - 1, Math.max(1, priority)), faults };
}

function faultOf(finding: Finding): string | undefined {
  const { what, weight, reverse = false, value } = finding;
  if (value !== undefined) {
    if (weight === 0) return (value === 0) === reverse ? `${what} says ${value}` : undefined;
    return changeBy(finding) < LEAST_CHANGE ? `${what} says ${value}` : undefined;
  }
  if (weight !== 0 || finding.isUp !== reverse) return undefined;
  return `${what} is ${finding.isUp ? 'up' : 'down'}`;
}

function changeBy(finding: Finding): number {
  const { reverse = false, value } = finding;
  const weight = reverse ? -finding.weight : finding.weight;
  if (value !== undefined) return value * weight;
  return finding.weight > 0 === finding.isUp ? weight : 0;
}
