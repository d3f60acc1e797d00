import type { DirectorStatus } from '../api/client.ts';
import { encodeFaults, encodeTable } from '../api/codec.ts';
import { destinationFacts, serviceFacts, showFacts, timeoutFacts } from '../director/facts.ts';
import { formatChange } from '../director/format-change.ts';
import type { InterfaceAttachment } from '../engines/interface-attachment.ts';
import { destinationKey } from '../model/destination.ts';
import type { CheckStatus } from '../model/health.ts';
import { type ServiceKey, serviceKey } from '../model/service.ts';
import type { DestinationStatus, ServiceStatus } from '../model/table.ts';
import { formatRunningDrain } from './format-drains.ts';
import { healthSummary } from './format-health.ts';
import { isEmpty, syncSummary } from './format-sync.ts';
import { vrrpSummary } from './format-vrrp.ts';
import { textTable } from './text-table.ts';

export function statusJson({
  director,
  engine,
  table,
  faults,
  health,
  drains,
  drift,
  vrrp,
  synchronisation,
}: DirectorStatus): string {
  const more = {
    ...(health !== undefined && { health }),
    ...(drains !== undefined && { drains }),
    ...(drift !== undefined && { drift }),
    ...(vrrp !== undefined && { vrrp }),
    ...(synchronisation !== undefined && { synchronisation }),
  };
  const body = { director, engine, table: encodeTable(table), ...encodeFaults(faults), ...more };
  return `${JSON.stringify(body, null, 2)}\n`;
}

/** The status for reading. `now` is in milliseconds since the epoch. */
export function formatStatus(status: DirectorStatus, now: number): string {
  const { director, engine, table, faults } = status;
  const uptime = formatDuration(Math.max(0, now - Date.parse(director.startedAt)));
  const missing = [...faults].filter(([key]) => !table.services.some(({ id }) => serviceKey(id) === key));
  const lines = [
    `vipr ${director.version}, pid ${director.pid}, up ${uptime}`,
    `engine ${engine.name} (${director.engineReason})`,
    ...(engine.attachments ?? []).map(formatAttachment),
    ...(engine.attachments?.length === 0 ? ['no interface has the programs: no packet is balanced'] : []),
    ...(director.configFile === undefined ? [] : [`configuration ${director.configFile}`]),
    `timeouts ${showFacts(timeoutFacts(table.timeouts))}`,
    ...formatHealthLines(status),
    ...formatAvailability(status),
    ...(status.drains ?? []).map((drain) => `drain ${formatRunningDrain(drain, now)}`),
    ...(status.drift ?? []).map((change) => `drift: another program ${formatChange(change)}`),
    ...table.services.flatMap((service) => [
      '',
      ...formatService(service, faults.get(serviceKey(service.id))),
    ]),
    ...missing.flatMap(([key, reason]) => ['', ...formatMissing(key, reason)]),
    ...(table.services.length + missing.length === 0 ? ['', 'no services'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** How what is watched is, and what of it is down. */
function formatHealthLines({ health = [] }: DirectorStatus): string[] {
  if (health.length === 0) return [];
  const down = health.flatMap(({ service, destinations }) =>
    destinations
      .filter(({ state }) => state === 'down')
      .map(({ destination, checks }) => `${service} -> ${destination}: DOWN${whyDown(checks)}`),
  );
  return [`health: ${healthSummary(health)}`, ...down];
}

/** How VRRP and synchronisation are, where there are any. */
function formatAvailability({ vrrp, synchronisation }: DirectorStatus): string[] {
  return [
    ...(vrrp === undefined || vrrp.instances.length === 0 ? [] : [`VRRP: ${vrrpSummary(vrrp)}`]),
    ...(synchronisation === undefined || isEmpty(synchronisation)
      ? []
      : [`synchronisation: ${syncSummary(synchronisation)}`]),
  ];
}

function whyDown(checks: readonly CheckStatus[]): string {
  const failed = checks.find(({ state, detail }) => state === 'down' && detail !== undefined);
  return failed === undefined ? '' : `: ${failed.target}: ${failed.detail}`;
}

/** `interface eth0: XDP (native) and tc (tcx): driver ice` */
function formatAttachment({ interface: name, xdp, tc, note }: InterfaceAttachment): string {
  return `interface ${name}: ${xdp === undefined ? '' : `XDP (${xdp}) and `}tc (${tc}): ${note}`;
}

function formatService(service: ServiceStatus, fault: string | undefined): string[] {
  return [
    `${serviceKey(service.id)}  ${showFacts(serviceFacts(service))}`,
    ...(fault === undefined ? [] : [`  FAULT: ${fault}`]),
    ...(service.destinations.length === 0 ? ['  no destinations'] : formatRows(service.destinations)),
  ];
}

function formatMissing(key: ServiceKey, reason: string): string[] {
  return [key, `  FAULT: ${reason}`];
}

function formatRows(destinations: readonly DestinationStatus[]): string[] {
  const rows = [
    ['destination', 'method', 'weight', 'active', 'inactive', ''],
    ...destinations.map((destination) => {
      const { method = '', weight = '', ...others } = destinationFacts(destination);
      const { activeConnections, inactiveConnections } = destination;
      const counts = [String(activeConnections), String(inactiveConnections)];
      return [destinationKey(destination), method, weight, ...counts, showFacts(others)];
    }),
  ];
  return textTable(rows, [2, 3, 4]).map((line) => `  ${line}`);
}

/** `2 h 5 min`, the two largest units. */
function formatDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first === -1 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
