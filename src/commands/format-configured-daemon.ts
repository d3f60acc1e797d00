import type { ConfiguredDaemon } from '../model/configured-sync.ts';
import { formatSeconds } from './format-drains.ts';

/** A daemon of the configuration that does not run, in lines. `now` is in milliseconds since the epoch. */
export function formatMissing(daemon: ConfiguredDaemon, now: number, colour: boolean): string {
  const { role, interface: device, syncId, failure } = daemon;
  const why = failure === undefined ? '' : `, for ${age(failure.since, now)} now: ${failure.text}`;
  // ECMA-48, SGR: red.
  const shown = colour ? `\u001b[31mdoes NOT run\u001b[0m` : 'does NOT run';
  return [
    `${role}  ${shown}${why}`,
    `  interface ${device}, sync ID ${syncId}${following(daemon)}, as the configuration has it`,
  ].join('\n');
}

/** `backup on eth1 does NOT run: interface eth1 does not exist` */
export function missingSummary({ role, interface: device, failure }: ConfiguredDaemon): string {
  return `${role} on ${device} does NOT run${failure === undefined ? '' : `: ${failure.text}`}`;
}

/** What leads its role, after what else is told of it. */
export function following({ follow }: ConfiguredDaemon): string {
  return follow === undefined ? '' : `, follows VRRP ${follow}`;
}

function age(since: string, now: number): string {
  return formatSeconds(Math.floor((now - Date.parse(since)) / 1000));
}
