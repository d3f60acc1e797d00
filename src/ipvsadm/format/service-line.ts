import { type ServiceId, type ServiceSettings, serviceFamily } from '../../model/service.ts';
import type { ServiceStatus } from '../../model/table.ts';
import type { ListStyle } from '../command.ts';
import { HOST_NETMASK, HOST_PREFIX } from '../draft.ts';
import { formatSchedulerFlags } from '../scheduler-flags.ts';
import { formatNumbers } from './destination-row.ts';
import { formatEndpoint, type Labels, namingProtocol } from './labels.ts';

const NAME_WIDTH = 33;

/** One line of a list for a service, with its line end. */
export function formatServiceLine(service: ServiceStatus, labels: Labels, style: ListStyle): string {
  const name = () => formatServiceName(service.id, labels).padEnd(NAME_WIDTH);
  switch (style.columns) {
    case 'stats':
      return `${name()}${formatNumbers(service.statistics.counters, style.exact)}\n`;
    case 'rate':
      return `${name()}${formatNumbers(service.statistics.rates, style.exact)}\n`;
    case 'standard':
    case 'thresholds':
    case 'persistent-conn':
    case 'tun-info':
      return formatPlainServiceLine(service, labels);
    default:
      throw new Error(`no line for ${style.columns satisfies never}`);
  }
}

/** The line in the columns that show no numbers of services. */
export function formatPlainServiceLine(service: ServiceSettings & { id: ServiceId }, labels: Labels): string {
  return `${formatServiceName(service.id, labels)} ${formatSettings(service)}\n`;
}

/** `TCP  192.0.2.10:80`, `FWM  3 IPv6`; IPv4 names are cut to the column, IPv6 names are not. */
function formatServiceName(id: ServiceId, labels: Labels): string {
  // the original prints marks as signed numbers
  if (id.kind === 'fwmark') return `FWM  ${id.fwmark | 0}${id.family === 'inet6' ? ' IPv6' : ''}`;
  const endpoint = formatEndpoint(id.address, id.port, namingProtocol(id), labels);
  const name = `${id.protocol.toUpperCase().padEnd(5)}${endpoint}`;
  return serviceFamily(id) === 'inet6' ? name : name.slice(0, NAME_WIDTH);
}

function formatSettings(settings: ServiceSettings): string {
  const flags = hasFlags(settings) ? formatSchedulerFlags(settings.schedulerFlags, settings.scheduler) : '';
  let text = settings.scheduler;
  if (flags !== '') text += ` (${flags})`;
  if (settings.persistenceTimeout !== undefined) {
    text += ` persistent ${settings.persistenceTimeout}`;
    if (showsNetmask(settings)) text += ` mask ${settings.persistenceNetmask}`;
    if (settings.persistenceEngine !== undefined) text += ` pe ${settings.persistenceEngine}`;
  }
  if (settings.onePacket) text += ' ops';
  return text;
}

const hasFlags = ({ schedulerFlags: { flag1, flag2, flag3 } }: ServiceSettings): boolean =>
  flag1 || flag2 || flag3;

/** Netmasks are shown with persistence only, and where they are not a single host's. */
export function showsNetmask({ persistenceTimeout, persistenceNetmask }: ServiceSettings): boolean {
  if (persistenceTimeout === undefined) return false;
  return persistenceNetmask !== HOST_NETMASK && persistenceNetmask !== HOST_PREFIX;
}
