import type { CheckEndpoint, Probe } from '../model/check.ts';
import type { Destination } from '../model/destination.ts';
import type { ServiceId } from '../model/service.ts';

/** One attempt of a check. */
export interface Attempt<P extends Probe = Probe> {
  readonly probe: P;
  readonly endpoint: CheckEndpoint;
  readonly service: ServiceId;
  readonly destination: Destination;
  /** Aborted when the attempt's time is over; the checker then lets go of everything and settles. */
  readonly signal: AbortSignal;
}

/** What a check wants of the destination's weight: this one, or this much more than the configured one. */
export type WeightVerdict = { readonly set: number } | { readonly add: number };

/** What an attempt found. */
export type Verdict =
  | { readonly good: true; readonly detail: string; readonly weight?: WeightVerdict }
  /** `detail` says what was wrong, for people: `connection refused`. */
  | { readonly good: false; readonly detail: string };

/** What carries out checks of one kind. */
export interface Checker<P extends Probe = Probe> {
  readonly kind: P['kind'];
  /** What is checked, for people: `http://10.0.0.11:80/health`. */
  describe(attempt: Omit<Attempt<P>, 'signal'>): string;
  /** Never throws: whatever goes wrong is a verdict. */
  check(attempt: Attempt<P>): Promise<Verdict>;
}
