import type { SyncSettings } from '../../config/config.ts';
import type { SyncDaemonSettings } from '../../model/daemon.ts';
import type { VrrpStateName } from '../../model/vrrp-status.ts';

/** How the VRRP instance with this name is; `initialize` where there is none. */
export type StateOf = (instance: string) => VrrpStateName;

/**
 * The daemon that is to run now. One that follows an instance is a backup in every state but master, fault included, as in keepalived; so
 * it learns what the others balance before it has to.
 */
export function wantedDaemon({ role, ...daemon }: SyncSettings, stateOf: StateOf): SyncDaemonSettings {
  if (typeof role === 'string') return { ...daemon, role };
  return { ...daemon, role: stateOf(role.follow) === 'master' ? 'master' : 'backup' };
}

/** What is to run while VRRP gives everything up: what was a master still is one where it still is the instance's state. */
export function lastSettings(settings: readonly SyncSettings[], stateOf: StateOf): SyncSettings[] {
  return settings.filter(({ role }) => typeof role === 'string' || stateOf(role.follow) === 'master');
}
