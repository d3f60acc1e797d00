import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';

/** How a scheduler becomes the words by which the data plane chooses: the array behind a service's id in `selection`. */
export interface SelectionCompiler {
  /** Whether an edit of a destination changes the words, or, of a ring, where it goes on. */
  readonly followsEdits: boolean;
  /** The words for a list, in list order; ids are the slots of destinations. */
  compile(destinations: readonly LiveDestination[]): Uint32Array;
  /** For rings: how the data plane's position and the scheduler's state become one another. */
  readonly ring?: RingCursor;
}

export interface RingCursor {
  /**
   * Brings the service's scheduler to where the data plane is. The list must be that of the words, so this comes before a
   * change of it.
   */
  follow(service: LiveService, live: RingPosition): void;
  /** The position from which the words of the list as it is now go on where the scheduler would. */
  place(service: LiveService): number;
}

/** `struct service_live` of bpf/abi.h. */
export interface RingPosition {
  /** Choices so far. */
  readonly position: number;
  /** The position as it was set last: where both are equal, nobody was chosen since. */
  readonly placed: number;
}
