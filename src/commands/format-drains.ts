import type { DrainStatus } from '../api/operated-director.ts';
import { textTable } from './text-table.ts';

/** `tcp 192.0.2.10:80 -> 10.0.0.11:80` */
export function drainName({ service, destination }: Pick<DrainStatus, 'service' | 'destination'>): string {
  return `${service} -> ${destination}`;
}

/** How far a drain is, as one line without the time that remains: it changes when something happens. */
export function formatDrain(drain: DrainStatus): string {
  const { state, activeConnections: active, inactiveConnections: inactive, connectionsAtStart } = drain;
  const then = drain.then === 'remove' ? 'it is removed' : 'it stays with weight 0';
  switch (state) {
    case 'draining':
      return `${drainName(drain)}: draining, active ${active}, inactive ${inactive}, at the start ${connectionsAtStart}`;
    case 'drained':
      return `${drainName(drain)}: drained, no connection is left; ${then}`;
    case 'expired':
      return `${drainName(drain)}: the deadline was over before it had drained; ${then}`;
    default:
      throw new Error(`unknown state ${state satisfies never}`);
  }
}

/** {@link formatDrain} with the time that remains. `now` is in milliseconds since the epoch. */
export function formatRunningDrain(drain: DrainStatus, now: number): string {
  if (drain.state !== 'draining' || drain.deadlineAt === undefined) return formatDrain(drain);
  return `${formatDrain(drain)}; ${formatSeconds((Date.parse(drain.deadlineAt) - now) / 1000)} left`;
}

/** All drains in columns. */
export function formatDrains(drains: readonly DrainStatus[], now: number): string {
  if (drains.length === 0) return 'no drains\n';
  const rows = drains.map((drain) => [
    drain.service,
    drain.destination,
    drain.state,
    String(drain.activeConnections),
    String(drain.inactiveConnections),
    String(drain.connectionsAtStart),
    deadline(drain, now),
    drain.then,
  ]);
  const head = ['service', 'destination', 'state', 'active', 'inactive', 'at start', 'deadline', 'then'];
  return `${textTable([head, ...rows], [3, 4, 5]).join('\n')}\n`;
}

function deadline({ deadlineAt, state }: DrainStatus, now: number): string {
  if (deadlineAt === undefined) return 'none';
  return state === 'draining' ? `in ${formatSeconds((Date.parse(deadlineAt) - now) / 1000)}` : deadlineAt;
}

/** `3 d 2 h`, `1 h 5 min`, `4 min 50 s`, `7 s`; 0 where it is over. */
export function formatSeconds(exact: number): string {
  const seconds = Math.max(0, Math.ceil(exact));
  if (seconds >= 86_400) return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds} s`;
}
