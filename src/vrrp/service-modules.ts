import type { AddressGuard } from './host/address-guard.ts';
import type { BoardNetlink } from './host/interface-board.ts';
import type { MasterHost } from './host/master-host.ts';
import type { VirtualLinkHost } from './host/virtual-link-host.ts';
import type { VrrpState } from './machine/virtual-router.ts';
import type { RunScript, Timers } from './run-script.ts';
import type { TrackerModules } from './track/trackers.ts';
import type { VrrpWire } from './wire/vrrp-wire.ts';

/** What the service needs of the rest. */
export interface VrrpServiceModules
  extends Pick<TrackerModules, 'readFile' | 'findProcesses' | 'quorum' | 'now'> {
  /** The service closes it with itself. */
  readonly netlink: BoardNetlink & { close(): void };
  readonly host: MasterHost;
  readonly virtualLinks: VirtualLinkHost;
  /** What {@link host} keeps packets out with; the service opens and closes it. */
  readonly guard: AddressGuard;
  readonly wire: VrrpWire;
  readonly runScript: RunScript;
  readonly timers: Timers;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Writes a line, with its line feed, into the named pipes. May not throw. */
  readonly tellFifos: (line: string) => void;
  /** May not throw. */
  readonly onEvent: (event: VrrpServiceEvent) => void;
}

/** Something that happened; `text` is one line for people. `name` is that of the instance or group. */
export type VrrpServiceEvent =
  | {
      readonly kind: 'state';
      readonly subject: 'instance' | 'group';
      readonly name: string;
      readonly state: VrrpState;
      readonly text: string;
    }
  | { readonly kind: 'conflict' | 'oddity' | 'failure'; readonly name?: string; readonly text: string };
