import type { CheckRunner } from './check-runner.ts';

/** What a check tells those who asked for it. Attempts that change nothing and did not fail are not told. */
export type CheckReport =
  /** An attempt failed; the state stays. `first`: it was down by assumption until now. */
  | { readonly kind: 'failed'; readonly detail: string; readonly first: boolean }
  /** An attempt did not end although it was called off. */
  | { readonly kind: 'hung' }
  /** What it wants of the weight has changed; the state stays. */
  | { readonly kind: 'weight' }
  /** `found`: whether it was down by what was found, not by assumption. */
  | { readonly kind: 'up'; readonly detail: string; readonly found: boolean }
  | { readonly kind: 'down'; readonly detail: string };

/** Who asked for a check. */
export interface CheckSubscriber {
  onReport(report: CheckReport, runner: CheckRunner): void;
}
