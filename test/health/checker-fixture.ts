import type { Attempt } from '../../src/health/checker.ts';
import type { Probe } from '../../src/model/check.ts';

/** What a target of a check does with it. */
export type Behaviour = 'good' | 'bad' | 'refusing' | 'silent' | 'garbage';

/** Something that can be checked, and how. */
export interface CheckTarget<P extends Probe = Probe> {
  readonly attempt: Omit<Attempt<P>, 'signal'>;
  /** Resolves when an attempt has reached the target; absent where a target cannot know. */
  readonly reached?: () => Promise<void>;
  close(): Promise<void>;
}

/** How a target of one behaviour is made, or why there is none of it. */
export type TargetMaker<P extends Probe = Probe> =
  | (() => Promise<CheckTarget<P>>)
  | { readonly none: string };

/** The targets of one kind of check. */
export interface CheckerFixture<P extends Probe = Probe> {
  readonly kind: P['kind'];
  /** What these targets are: `https`. */
  readonly name: string;
  /** Why it cannot run here; absent where it can. */
  readonly skip?: string;
  readonly targets: Readonly<Record<Behaviour, TargetMaker<P>>>;
  /** What the verdict about garbage is; `ignored` waits for more, and is bad when time is over. */
  readonly garbageIs: 'good' | 'bad' | 'ignored';
  /** What the verdict about a silent target is once time is over. */
  readonly silenceIs: 'good' | 'bad';
  /** Whether `endpoint` has a meaning. */
  readonly connects: boolean;
}
