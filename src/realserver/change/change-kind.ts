import type { Host } from '../host.ts';

/** What became of a change that was to be undone. */
export type Undone =
  /** Taken back. */
  | 'undone'
  /** Not there: it was never made, or somebody took it back before. */
  | 'absent'
  /** Left as it is, as somebody changed it since. */
  | 'left';

/** How changes of one kind are told, made and taken back. Each can be made twice, and taken back twice. */
export interface ChangeHandler<Change> {
  /** A phrase without a verb: `net.ipv4.conf.all.arp_ignore = 1 (was 0)`. */
  describe(change: Change): string;
  /** Why `undo` left it, as a phrase; of those kinds that can be left. */
  readonly left?: (change: Change, host: Host) => string;
  apply(change: Change, host: Host): Promise<void>;
  undo(change: Change, host: Host): Promise<Undone>;
}
