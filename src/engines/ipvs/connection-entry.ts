import { addressFromBytes, type IpAddress, parseIpAddress } from '../../model/address.ts';
import type { ConnectionEntry } from '../../model/connection.ts';
import type { FirewallMark, Port } from '../../model/unit.ts';

/** An entry with who made it: this director's own traffic, or the synchronisation with another. */
export interface OriginatedConnectionEntry extends ConnectionEntry {
  readonly origin: 'local' | 'sync';
}

const PROTOCOLS: Readonly<Record<string, ConnectionEntry['protocol']>> = {
  TCP: 'tcp',
  UDP: 'udp',
  SCTP: 'sctp',
  IP: 'ip',
};

/**
 * Reads a line of /proc/net/ip_vs_conn (ip_vs_conn.c, ip_vs_conn_seq_show); undefined for what is no entry of a protocol that
 * services can have.
 */
export function parseConnection(line: string): ConnectionEntry | undefined {
  const entry = readEntry(line, false);
  if (entry === undefined) return undefined;
  const { origin: _, rest, ...connection } = entry;
  // Data may hold blanks: a persistence engine takes it from what clients send.
  const parts = /^ (\S+) (.*)$/.exec(rest);
  if (parts === null) return connection;
  const [, persistenceEngine = '', persistenceData = ''] = parts;
  return { ...connection, persistenceEngine, persistenceData };
}

/** Reads a line of /proc/net/ip_vs_conn_sync (ip_vs_conn.c, ip_vs_conn_sync_seq_show); undefined as above. */
export function parseSynchronisedConnection(line: string): OriginatedConnectionEntry | undefined {
  const entry = readEntry(line, true);
  if (entry === undefined) return undefined;
  const { origin, rest: _, ...connection } = entry;
  return { ...connection, origin: origin === 'SYNC' ? 'sync' : 'local' };
}

const FIELDS = String.raw`^(\w+) +([\da-fA-F:]+) ([\da-fA-F]{4}) ([\da-fA-F:]+) ([\da-fA-F]{4}) ([\da-fA-F:]+) ([\da-fA-F]{4}) (\S+) +`;
const PLAIN = new RegExp(String.raw`${FIELDS}()(\d+)(.*)$`);
const WITH_ORIGIN = new RegExp(String.raw`${FIELDS}(\S+) +(\d+)(.*)$`);

function readEntry(line: string, withOrigin: boolean) {
  const match = (withOrigin ? WITH_ORIGIN : PLAIN).exec(line);
  if (match === null) return undefined;
  const [
    ,
    name = '',
    client = '',
    clientPort = '',
    virtual = '',
    virtualPort = '',
    real = '',
    realPort = '',
  ] = match;
  const [state = '', origin = '', expires = '', rest = ''] = match.slice(8);
  const protocol = Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] : undefined;
  const clientAddress = addressOf(client);
  const destinationAddress = addressOf(real);
  const virtualAddress = protocol === 'ip' ? markOf(virtual) : addressOf(virtual);
  if (!protocol || !clientAddress || !destinationAddress || !virtualAddress) return undefined;
  return {
    protocol,
    clientAddress,
    clientPort: Number.parseInt(clientPort, 16) as Port,
    virtualAddress,
    virtualPort: Number.parseInt(virtualPort, 16) as Port,
    destinationAddress,
    destinationPort: Number.parseInt(realPort, 16) as Port,
    state,
    expiresIn: Number(expires),
    origin,
    rest,
  };
}

/** Eight digits for IPv4, eight groups with colons for IPv6. */
function addressOf(text: string): IpAddress | undefined {
  if (text.includes(':')) return parseIpAddress(text);
  if (text.length !== 8) return undefined;
  const number = Number.parseInt(text, 16);
  return addressFromBytes(Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number));
}

/** The mark of a template stands in the first four bytes of the address (ip_vs_core.c, ip_vs_sched_persist). */
function markOf(text: string): { readonly fwmark: FirewallMark } | undefined {
  const digits = text.includes(':') ? text.replaceAll(':', '').slice(0, 8) : text;
  return digits.length === 8 ? { fwmark: Number.parseInt(digits, 16) as FirewallMark } : undefined;
}
