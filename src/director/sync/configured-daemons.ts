import type { SyncSettings } from '../../config/config.ts';
import type { ConfiguredDaemon, DaemonFailure } from '../../model/configured-sync.ts';
import type { DaemonRole, SyncDaemon } from '../../model/daemon.ts';
import { fitsDaemon } from './daemon-operations.ts';
import { type StateOf, wantedDaemon } from './wanted-daemons.ts';

export interface ConfiguredDaemonsModules {
  readonly stateOf: StateOf;
  /** Why the daemon in a role does not run, where that is known. */
  readonly failureOf: (role: DaemonRole) => DaemonFailure | undefined;
}

/** How each daemon of the settings is, where these run. */
export function configuredDaemons(
  settings: readonly SyncSettings[],
  running: readonly SyncDaemon[],
  { stateOf, failureOf }: ConfiguredDaemonsModules,
): ConfiguredDaemon[] {
  return settings.map((each) => {
    const wanted = wantedDaemon(each, stateOf);
    const runs = running.some((daemon) => daemon.role === wanted.role && fitsDaemon(daemon, wanted));
    const failure = runs ? undefined : failureOf(wanted.role);
    return {
      role: wanted.role,
      ...(typeof each.role !== 'string' && { follow: each.role.follow }),
      interface: wanted.interface,
      syncId: wanted.syncId,
      runs,
      ...(failure !== undefined && { failure }),
    };
  });
}
