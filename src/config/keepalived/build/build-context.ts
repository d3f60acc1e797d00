import type { KeepalivedEnvironment } from '../keepalived-environment.ts';
import type { ProblemLog } from '../problem-log.ts';
import type { ServerGroup } from './server-group.ts';
import type { TrackFile } from './track-file.ts';

/** What all parts of a keepalived.conf are read with. */
export interface BuildContext {
  readonly log: ProblemLog;
  readonly environment: KeepalivedEnvironment;
  /** Whom scripts run as that do not say it themselves. */
  readonly scriptUser: ScriptUser;
  readonly logAllFailures: boolean;
  readonly trackFiles: ReadonlyMap<string, TrackFile>;
  readonly groups: ReadonlyMap<string, ServerGroup>;
}

/** Whom a script runs as; without a user it is the director's own. */
export interface ScriptUser {
  readonly user?: string;
  readonly group?: string;
}
