import type { SyncDaemon } from '../../model/daemon.ts';

/** One line for each daemon, the master before the backup. */
export function formatDaemons(daemons: readonly SyncDaemon[]): string {
  const roles = ['master', 'backup'] as const;
  return roles.flatMap((role) => daemons.filter((daemon) => daemon.role === role).map(formatDaemon)).join('');
}

function formatDaemon(daemon: SyncDaemon): string {
  const { role, syncId, maxLength, group, port, ttl } = daemon;
  return (
    `${role} sync daemon (mcast=${daemon.interface}, syncid=${syncId}, maxlen=${maxLength}, ` +
    `group=${group}, port=${port}, ttl=${ttl})\n`
  );
}
