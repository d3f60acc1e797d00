import { addressFromBytes, familyOf, type IpAddress } from '../../model/address.ts';
import type { ConnectionEntry } from '../../model/connection.ts';
import { formatEndpoint, type Labels } from './labels.ts';

/** The two lines above a list of connections. */
export function formatConnectionTitle(persistenceData: boolean): string {
  const destination = persistenceData
    ? `${'destination'.padEnd(18)} ${'pe name'.padEnd(16)} pe_data`
    : 'destination';
  const columns = `pro expire ${'state'.padEnd(11)} ${'source'.padEnd(18)} ${'virtual'.padEnd(18)} ${destination}`;
  return `IPVS connection entries\n${columns}\n`;
}

/** One line of a list of connections, with its line end. */
export function formatConnection(entry: ConnectionEntry, labels: Labels, persistenceData: boolean): string {
  const protocol = entry.protocol === 'ip' ? undefined : entry.protocol;
  const source = formatEndpoint(entry.clientAddress, entry.clientPort, protocol, labels);
  const virtual = formatEndpoint(virtualAddressOf(entry), entry.virtualPort, protocol, labels);
  const destination = formatEndpoint(entry.destinationAddress, entry.destinationPort, protocol, labels);
  const row =
    `${entry.protocol.toUpperCase().padEnd(3)} ${formatExpiry(entry.expiresIn).padEnd(6)} ` +
    `${entry.state.padEnd(11)} ${source.padEnd(18)} ${virtual.padEnd(18)} `;
  const engine = persistenceData ? entry.persistenceEngine : undefined;
  if (engine === undefined) return `${row}${destination}\n`;
  // the original's title and rows disagree on which of the two columns is the wider
  return `${row}${destination.padEnd(16)} ${engine.padEnd(18)} ${entry.persistenceData ?? ''}\n`;
}

/** The VIP; the templates of a mark carry it in the place of the first four bytes (ip_vs_core.c, ip_vs_sched_persist). */
export function virtualAddressOf({ virtualAddress, clientAddress }: ConnectionEntry): IpAddress {
  if (typeof virtualAddress === 'string') return virtualAddress;
  const bytes = new Uint8Array(familyOf(clientAddress) === 'inet6' ? 16 : 4);
  new DataView(bytes.buffer).setUint32(0, virtualAddress.fwmark);
  return addressFromBytes(bytes);
}

/** Minutes and seconds; minutes grow as they need. */
function formatExpiry(seconds: number): string {
  const whole = Math.trunc(seconds);
  return `${`${Math.trunc(whole / 60)}`.padStart(2, '0')}:${`${whole % 60}`.padStart(2, '0')}`;
}
