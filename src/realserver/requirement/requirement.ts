import type { Change } from '../change/change.ts';
import type { Host } from '../host.ts';
import type { HostView } from '../host-view.ts';
import type { RealServerSettings } from '../real-server-settings.ts';

/** Something that has to be so on a real server, and whether it is. */
export interface Requirement {
  /** For programs, stable: `arp_ignore`, `virtual_address`. */
  readonly id: string;
  /**
   * `note`: nothing is wrong, but it is worth knowing; `unknown`: this user may not see it. Only `ok` and `note` are well.
   */
  readonly state: 'ok' | 'wrong' | 'note' | 'unknown';
  /** What is so, as a sentence without a full stop. */
  readonly text: string;
  /** What to do, as a whole sentence. */
  readonly advice?: string;
  /** What `setup` does about it; none where it is not vipr's to change. */
  readonly changes?: readonly Change[];
}

/** What requirements are judged by. */
export interface Situation {
  readonly settings: RealServerSettings;
  readonly host: Host;
  readonly view: HostView;
}
