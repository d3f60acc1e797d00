import type { Check } from '../../../../model/check.ts';
import type { DestinationId } from '../../../../model/destination.ts';
import type { Milliseconds } from '../../../../model/unit.ts';
import type { Settings } from '../../settings.ts';
import type { Statement } from '../../statement.ts';
import type { BuildContext } from '../build-context.ts';
import type { InheritedTiming } from '../check-timing.ts';

/** What a checker is read with: the whole, and its real server. */
export interface CheckContext extends BuildContext {
  /** As it is written: port 0 where none is. */
  readonly server: DestinationId;
  readonly timing: InheritedTiming;
  /** The virtual server's, which limits scripts. */
  readonly serviceDelayLoop: Milliseconds;
  /** The real server's or the virtual server's. */
  readonly virtualHost?: string;
}

/** Reads a checker's block; several checks where one would not do, none where it is wrong. */
export type CheckBuilder = (
  statement: Statement,
  settings: Settings,
  context: CheckContext,
) => readonly Check[];
