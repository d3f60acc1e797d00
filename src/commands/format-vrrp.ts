import type {
  VrrpInstanceCounts,
  VrrpInstanceStatus,
  VrrpStateName,
  VrrpStatus,
} from '../model/vrrp-status.ts';
import { formatSeconds } from './format-drains.ts';
import { wrappedList } from './wrapped-list.ts';

export interface VrrpFormat {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly colour: boolean;
  /** Whether counts are told, too. */
  readonly verbose: boolean;
}

export function vrrpJson(status: VrrpStatus): string {
  return `${JSON.stringify(status, null, 2)}\n`;
}

/** VRRP for reading: instances one after the other, then sync groups and tracked scripts. */
export function formatVrrp(status: VrrpStatus, format: VrrpFormat): string {
  const { instances, groups, scripts, packets } = status;
  if (instances.length === 0) return 'no VRRP: the configuration has no instances\n';
  const paint = (state: VrrpStateName) => painted(state, state, format.colour);
  const others = [
    ...groups.flatMap(({ name, state, instances: members }) =>
      wrappedList(`group ${name}  ${paint(state)}:`, members),
    ),
    ...scripts.map(({ name, state, detail }) => {
      const shown = painted(state, state === 'up' ? 'master' : 'fault', format.colour);
      return `script ${name}  ${shown}: ${detail ?? 'no result yet'}`;
    }),
    ...(format.verbose
      ? [
          ...wrappedList('packets that are no advertisements:', countsOf(packets.malformed)),
          `advertisements of other virtual routers: ${packets.unknownRouter}`,
        ]
      : []),
  ];
  const blocks = [...instances.map((instance) => formatInstance(instance, format)), others];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

/** `master VI_1; fault VI_2 (interface eth1 is down)` */
export function vrrpSummary({ instances }: Pick<VrrpStatus, 'instances'>): string {
  const parts = (['master', 'backup', 'initialize', 'fault'] as const).flatMap((state) => {
    const those = instances.filter((instance) => instance.state === state);
    const shown = those.slice(0, MOST).map(({ name, faults: [fault] }) => {
      return state === 'fault' && fault !== undefined ? `${name} (${fault})` : name;
    });
    const more = those.length > MOST ? ` and ${those.length - MOST} more` : '';
    return those.length === 0 ? [] : [`${state} ${shown.join(', ')}${more}`];
  });
  return parts.join('; ');
}

/** Names of a summary's state. */
const MOST = 4;

function formatInstance(instance: VrrpInstanceStatus, { now, colour, verbose }: VrrpFormat): string[] {
  const { name, state, since, priority, configuredPriority, addresses, faults, heldBy } = instance;
  const configured = priority === configuredPriority ? '' : `, configured ${configuredPriority}`;
  const shown = painted(state, state, colour);
  return [
    `${name}  ${shown} for ${age(since, now)}, priority ${priority}${configured}`,
    `  ${placeOf(instance).join(', ')}`,
    ...wrappedList('  addresses', addresses),
    `  ${heard(instance, now)}`,
    ...(heldBy === undefined ? [] : [`  held back until connections are synchronised: ${heldBy}`]),
    ...faults.map((fault) => `  FAULT: ${fault}`),
    ...(verbose ? formatCounts(instance.counts) : []),
  ];
}

function placeOf(instance: VrrpInstanceStatus): string[] {
  const { interface: device, family, version, virtualRouterId, source, group } = instance;
  return [
    `interface ${device}`,
    `VRID ${virtualRouterId}`,
    `version ${version}`,
    family === 'inet' ? 'IPv4' : 'IPv6',
    ...(source === undefined ? [] : [`from ${source}`]),
    ...(group === undefined ? [] : [`group ${group}`]),
  ];
}

/** Who was heard, which of a backup is its master. */
function heard({ state, lastHeard }: VrrpInstanceStatus, now: number): string {
  if (lastHeard === undefined) return 'has heard no other router';
  const { address, priority, at } = lastHeard;
  const claims = priority === 0 ? 'which gave up' : `priority ${priority}`;
  const role = state === 'backup' ? 'master' : 'last heard';
  return `${role} ${address}, ${claims}, ${age(at, now)} ago`;
}

function formatCounts(counts: VrrpInstanceCounts): string[] {
  const { sent, received, priorityZeroSent, priorityZeroReceived, becameMaster, releasedMaster } = counts;
  return [
    `  sent ${sent}, to give up ${priorityZeroSent}; received ${received}, of who gave up ${priorityZeroReceived}`,
    ...wrappedList('  not heard:', countsOf(counts.dismissed)),
    `  became master ${becameMaster}, gave it up ${releasedMaster}, heard a second master ${counts.conflicts}`,
    `  masters that gave up and went on: ${counts.revokedFarewells}`,
  ];
}

function countsOf(counts: Readonly<Record<string, number>>): string[] {
  const shown = Object.entries(counts).map(([reason, count]) => `${reason} ${count}`);
  return shown.length === 0 ? ['none'] : shown;
}

function age(since: string, now: number): string {
  return formatSeconds(Math.floor((now - Date.parse(since)) / 1000));
}

/** ECMA-48, SGR: green for masters, red for faults. */
function painted(text: string, state: VrrpStateName, colour: boolean): string {
  const code = state === 'master' ? 32 : state === 'fault' ? 31 : undefined;
  return colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
}
