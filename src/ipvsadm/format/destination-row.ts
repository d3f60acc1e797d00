import type { DestinationOverview } from '../../engines/engine.ts';
import { familyOf } from '../../model/address.ts';
import type { ForwardingMethod, Tunnel } from '../../model/destination.ts';
import type { Protocol } from '../../model/service.ts';
import type { Counters, Rates } from '../../model/statistics.ts';
import type { DestinationStatus } from '../../model/table.ts';
import type { ListColumns, ListStyle } from '../command.ts';
import { formatEndpoint, type Labels } from './labels.ts';
import { formatExact, formatScaled } from './quantity.ts';

/** IPv4 names are cut to the column, IPv6 names are not. */
const NAME_WIDTH = 28;

/** The blanks after a name, by its length. */
const PADDING = Array.from({ length: NAME_WIDTH + 1 }, (_, length) => ' '.repeat(NAME_WIDTH - length));

/** One line of a list for a destination, with its line end and the blanks before it. */
export function formatDestinationRow(
  destination: DestinationStatus,
  protocol: Protocol | undefined,
  labels: Labels,
  style: ListStyle,
): string {
  if (style.columns === 'standard') return formatPlainRow(destination, protocol, labels);
  const name = nameOf(destination, protocol, labels).padEnd(NAME_WIDTH);
  return `  -> ${name}${cells(destination, style.columns, style.exact)}\n`;
}

/** The same in the columns `standard`. */
export function formatPlainRow(
  destination: DestinationOverview,
  protocol: Protocol | undefined,
  labels: Labels,
): string {
  const name = nameOf(destination, protocol, labels);
  return `  -> ${name}${PADDING[name.length] ?? ''}${plainCells(destination)}`;
}

/** The cells of the last row, and the line end. */
let last: { readonly row: DestinationOverview; readonly text: string } | undefined;

/** Most rows of a large table are alike in their cells. */
function plainCells(row: DestinationOverview): string {
  const { forwarding, weight, activeConnections, inactiveConnections } = row;
  if (
    last?.row.weight !== weight ||
    last.row.forwarding !== forwarding ||
    last.row.activeConnections !== activeConnections ||
    last.row.inactiveConnections !== inactiveConnections
  ) {
    const connections = cell(activeConnections, 10) + cell(inactiveConnections, 10);
    last = { row, text: `${cell(METHODS[forwarding], 7)}${cell(weight, 6)}${connections}\n` };
  }
  return last.text;
}

function nameOf(
  { address, port }: DestinationOverview,
  protocol: Protocol | undefined,
  labels: Labels,
): string {
  const endpoint = formatEndpoint(address, port, protocol, labels);
  if (endpoint.length <= NAME_WIDTH || familyOf(address) === 'inet6') return endpoint;
  return endpoint.slice(0, NAME_WIDTH);
}

function cells(
  destination: DestinationStatus,
  columns: Exclude<ListColumns, 'standard'>,
  exact: boolean,
): string {
  const { weight, statistics } = destination;
  const connections = cell(destination.activeConnections, 10) + cell(destination.inactiveConnections, 10);
  switch (columns) {
    case 'stats':
      return formatNumbers(statistics.counters, exact);
    case 'rate':
      return formatDestinationRates(statistics.rates, exact);
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
    default:
      throw new Error(`no row for ${columns satisfies never}`);
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
