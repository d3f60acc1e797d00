import type { Destination, ForwardingMethod, Tunnel } from '../../model/destination.ts';
import type { Protocol, Service, ServiceId } from '../../model/service.ts';
import { formatSchedulerFlags } from '../scheduler-flags.ts';
import { formatWholeEndpoint, type Labels, namingProtocol } from './labels.ts';
import { showsNetmask } from './service-line.ts';

/**
 * A service and its destinations as commands, in the order given. As in the original, thresholds are left out. Unlike
 * there, long names are not cut, so that they can be read back.
 */
export function formatSavedService(service: Service, labels: Labels): string {
  const protocol = namingProtocol(service.id);
  const name = formatServiceOption(service.id, labels);
  let text = `-A ${name}${formatSettings(service)}\n`;
  for (const destination of service.destinations) {
    text += `-a ${name}${formatDestination(destination, protocol, labels)}\n`;
  }
  return text;
}

const SERVICE_SWITCHES: Readonly<Record<Protocol, string>> = {
  tcp: '-t',
  udp: '-u',
  sctp: '--sctp-service',
};

function formatServiceOption(id: ServiceId, labels: Labels): string {
  // the original saves marks as signed numbers, which it then refuses to read
  if (id.kind === 'fwmark') return `-f ${id.fwmark}${id.family === 'inet6' ? ' -6' : ''}`;
  return `${SERVICE_SWITCHES[id.protocol]} ${formatWholeEndpoint(id.address, id.port, id.protocol, labels)}`;
}

function formatSettings(service: Service): string {
  const flags = formatSchedulerFlags(service.schedulerFlags, service.scheduler);
  let text = ` -s ${service.scheduler}`;
  if (service.persistenceTimeout !== undefined) text += ` -p ${service.persistenceTimeout}`;
  if (showsNetmask(service)) text += ` -M ${service.persistenceNetmask}`;
  if (service.persistenceEngine !== undefined) text += ` --pe ${service.persistenceEngine}`;
  if (service.onePacket) text += ' -o';
  if (flags !== '') text += ` -b ${flags}`;
  return text;
}

const METHOD_SWITCHES: Readonly<Record<ForwardingMethod, string>> = {
  masquerade: '-m',
  local: '-g',
  tunnel: '-i',
  direct: '-g',
  // printf(3)'s text of a null pointer, as in the original
  bypass: '(null)',
};

const CHECKSUM_SWITCHES: Readonly<Record<Tunnel['checksum'], string>> = {
  none: '--tun-nocsum',
  checksum: '--tun-csum',
  remote: '--tun-remcsum',
};

function formatDestination(destination: Destination, protocol: Protocol | undefined, labels: Labels): string {
  const endpoint = formatWholeEndpoint(destination.address, destination.port, protocol, labels);
  const method = METHOD_SWITCHES[destination.forwarding];
  return ` -r ${endpoint} ${method} -w ${destination.weight}${formatTunnel(destination)}`;
}

function formatTunnel({ forwarding, tunnel }: Destination): string {
  if (forwarding !== 'tunnel') return '';
  switch (tunnel.type) {
    case 'ipip':
      return ' --tun-type ipip';
    case 'gue':
      return ` --tun-type gue --tun-port ${tunnel.port} ${CHECKSUM_SWITCHES[tunnel.checksum]}`;
    case 'gre':
      return ` --tun-type gre ${CHECKSUM_SWITCHES[tunnel.checksum]}`;
    default:
      throw new Error(`no text for ${tunnel.type satisfies never}`);
  }
}
