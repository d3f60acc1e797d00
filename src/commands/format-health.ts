import type { CheckStatus, DestinationHealth, HealthState, ServiceHealth } from '../model/health.ts';
import { formatSeconds } from './format-drains.ts';

export function healthJson(services: readonly ServiceHealth[]): string {
  return `${JSON.stringify({ services }, null, 2)}\n`;
}

/** Health for reading: services, their destinations, and the checks of each. `now` is in milliseconds since the epoch. */
export function formatHealth(services: readonly ServiceHealth[], now: number, colour: boolean): string {
  if (services.length === 0) return 'no service is watched\n';
  const lines = services.flatMap((service, index) => [
    ...(index === 0 ? [] : ['']),
    `${service.service}  ${formatQuorum(service, colour)}`,
    ...service.destinations.flatMap((each) => formatDestination(each, now, colour)),
  ]);
  return `${lines.join('\n')}\n`;
}

/** `up 3 of 4, no quorum: tcp 192.0.2.10:80`, of what is watched. */
export function healthSummary(services: readonly ServiceHealth[]): string {
  const real = services.flatMap(({ destinations }) => destinations.filter(({ role }) => role === 'real'));
  const up = real.filter(({ state }) => state === 'up').length;
  const lost = services.filter(({ quorum }) => quorum.state === 'down').map(({ service }) => service);
  return `destinations up ${up} of ${real.length}${lost.length === 0 ? '' : `, no quorum: ${lost.join(', ')}`}`;
}

/** `quorum up: alive 3, needed 2, hysteresis 1` */
function formatQuorum({ quorum }: ServiceHealth, colour: boolean): string {
  const hysteresis = quorum.hysteresis === 0 ? '' : `, hysteresis ${quorum.hysteresis}`;
  const state = paint(quorum.state, quorum.state, colour);
  return `quorum ${state}: weight alive ${quorum.alive}, needed ${quorum.needed}${hysteresis}`;
}

function formatDestination(health: DestinationHealth, now: number, colour: boolean): string[] {
  const { destination, role, state, since, configuredWeight, weight, reason, checks } = health;
  const name = role === 'sorry' ? `${destination} (sorry server)` : destination;
  const given = weight === undefined ? 'not in the table' : `weight ${weight}`;
  const why = reason === undefined ? '' : `, configured ${configuredWeight}: ${reason}`;
  const watched = checks.length === 0 ? ', not watched' : '';
  return [
    `  ${name}  ${paint(state, state, colour)} for ${age(since, now)}, ${given}${why}${watched}`,
    ...checks.map((check) => `    ${formatCheck(check, now, colour)}`),
  ];
}

function formatCheck(check: CheckStatus, now: number, colour: boolean): string {
  const { kind, target, state, checkedAt, detail, latency, attempts, failures, hung } = check;
  const last = [
    detail ?? 'no result yet',
    ...(latency === undefined ? [] : [`${formatMilliseconds(latency)}`]),
    ...(checkedAt === undefined ? [] : [`${age(checkedAt, now)} ago`]),
    ...(hung === undefined ? [] : [`HUNG: ${formatSeconds(hung / 1000)} late`]),
  ];
  const count = `failures ${failures} of ${attempts}`;
  // Most targets begin with their kind: `http://10.0.0.11:80/health`.
  const name = target.startsWith(kind) ? target : `${kind} ${target}`;
  return `${name}  ${paint(state, state, colour)}: ${last.join(', ')}; ${count}`;
}

function formatMilliseconds(latency: number): string {
  return latency < 10 ? `${Math.round(latency * 10) / 10} ms` : `${Math.round(latency)} ms`;
}

function age(since: string, now: number): string {
  return formatSeconds(Math.floor((now - Date.parse(since)) / 1000));
}

/** ECMA-48, SGR: green and red. */
function paint(text: string, state: HealthState, colour: boolean): string {
  return colour ? `\u001b[${state === 'up' ? 32 : 31}m${text}\u001b[0m` : text;
}
