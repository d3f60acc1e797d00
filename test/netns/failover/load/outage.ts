import type { Attempt } from './probe.ts';

/** How long new connections found no server. */
export interface Outage {
  /** The longest time without one that was established, in milliseconds. */
  readonly milliseconds: number;
  /** Attempts that failed. */
  readonly failed: number;
}

/** Of the attempts at one target those that ended after `since`, in milliseconds of their clock. Infinite where none succeeded. */
export function outageOf(attempts: readonly Attempt[], target: string, since: number): Outage {
  const own = attempts.filter((attempt) => attempt.target === target && attempt.ended > since);
  const answered = own
    .filter(({ failure }) => failure === undefined)
    .map(({ ended }) => ended)
    .toSorted((one, other) => one - other);
  const last = Math.max(since, ...own.map(({ ended }) => ended));
  const gaps = [...answered, last].map((ended, index) => ended - (answered[index - 1] ?? since));
  return {
    milliseconds: answered.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...gaps),
    failed: own.length - answered.length,
  };
}
