import { familyOf } from '../../model/address.ts';
import type { ForwardingMethod, Tunnel } from '../../model/destination.ts';
import type { Protocol } from '../../model/service.ts';
import type { Counters, Rates } from '../../model/statistics.ts';
import type { DestinationStatus } from '../../model/table.ts';
import type { ListStyle } from '../command.ts';
import { formatEndpoint, type Labels } from './labels.ts';
import { formatExact, formatScaled } from './quantity.ts';

/** IPv4 names are cut to the column, IPv6 names are not. */
const NAME_WIDTH = 28;

/** One line of a list for a destination, with its line end and the blanks before it. */
export function formatDestinationRow(
  destination: DestinationStatus,
  protocol: Protocol | undefined,
  labels: Labels,
  style: ListStyle,
): string {
  const endpoint = formatEndpoint(destination.address, destination.port, protocol, labels);
  const name = familyOf(destination.address) === 'inet6' ? endpoint : endpoint.slice(0, NAME_WIDTH);
  return `  -> ${name.padEnd(NAME_WIDTH)}${cells(destination, style)}\n`;
}

function cells(destination: DestinationStatus, style: ListStyle): string {
  const { weight, statistics } = destination;
  const connections = cell(destination.activeConnections, 10) + cell(destination.inactiveConnections, 10);
  switch (style.columns) {
    case 'stats':
      return formatNumbers(statistics.counters, style.exact);
    case 'rate':
      return formatDestinationRates(statistics.rates, style.exact);
    case 'thresholds':
      return cell(destination.upperThreshold, 10) + cell(destination.lowerThreshold, 10) + connections;
    case 'persistent-conn':
      return cell(weight, 9) + cell(destination.persistentConnections, 11) + connections;
    case 'tun-info':
      return (
        cell(METHODS[destination.forwarding], 7) +
        cell(formatTunnel(destination), 13) +
        cell(weight, 6) +
        connections
      );
    case 'standard':
      return cell(METHODS[destination.forwarding], 7) + cell(weight, 6) + connections;
    default:
      throw new Error(`no row for ${style.columns satisfies never}`);
  }
}

const cell = (value: string | number, width: number): string => ` ${`${value}`.padEnd(width)}`;

/** What the original prints for a method that it has no name for: printf(3)'s text of a null pointer. */
const NAMELESS = '(null)';

const METHODS: Readonly<Record<ForwardingMethod, string>> = {
  masquerade: 'Masq',
  local: 'Local',
  tunnel: 'Tunnel',
  direct: 'Route',
  bypass: NAMELESS,
};

const CHECKSUMS: Readonly<Record<Tunnel['checksum'], string>> = {
  none: '-c',
  checksum: '+c',
  remote: 'r+c',
};

/** `gue:6080:+c`, `gre:-c`, `ipip`, or `n/a` where no tunnel is used. */
function formatTunnel({ forwarding, tunnel }: DestinationStatus): string {
  if (forwarding !== 'tunnel') return 'n/a';
  switch (tunnel.type) {
    case 'ipip':
      return 'ipip';
    case 'gue':
      return `gue:${tunnel.port}:${CHECKSUMS[tunnel.checksum]}`;
    case 'gre':
      return `gre:${CHECKSUMS[tunnel.checksum]}`;
    default:
      throw new Error(`no text for ${tunnel.type satisfies never}`);
  }
}

/** Five numbers of a service, or the counters of a destination. */
export function formatNumbers(numbers: Counters | Rates, exact: boolean): string {
  const format = exact ? formatExact : formatScaled;
  return (
    format(numbers.connections) +
    format(numbers.inPackets) +
    format(numbers.outPackets) +
    format(numbers.inBytes) +
    format(numbers.outBytes)
  );
}

/** Of a destination's rates only the bytes are scaled. */
function formatDestinationRates(rates: Rates, exact: boolean): string {
  const format = exact ? formatExact : formatScaled;
  return (
    formatExact(rates.connections) +
    formatExact(rates.inPackets) +
    formatExact(rates.outPackets) +
    format(rates.inBytes) +
    format(rates.outBytes)
  );
}
