import type { IpAddress } from '../model/address.ts';
import type { Protocol } from '../model/service.ts';
import type { Port } from '../model/unit.ts';
import { parseDecimal } from './decimal.ts';
import { inetAton, inetPton6 } from './inet.ts';
import type { Names } from './names.ts';

export interface AddressArgument {
  readonly address: IpAddress;
  /** Absent where the argument gives none. */
  readonly port: Port | undefined;
}

/**
 * Reads `host[:port]`, `[ipv6]:port` or a bare IPv6 address; undefined where it is none. IPv4 comes in any form of
 * inet_aton(3) or as a host name, but never as digits alone; the port as a number or, where the protocol is known, as a
 * service name. As in the original, an IPv4 address in brackets loses its port.
 */
export async function parseAddressArgument(
  text: string,
  protocol: Protocol | undefined,
  names: Names,
): Promise<AddressArgument | undefined> {
  if (/^[0-9]*$/.test(text)) return undefined;
  let host = text;
  let portText: string | undefined;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0 || text[end + 1] !== ':') return undefined;
    host = text.slice(1, end);
    portText = text.slice(end + 2);
  }
  let address = inetPton6(host);
  if (address === undefined) {
    const colon = host.lastIndexOf(':');
    portText = colon < 0 ? undefined : host.slice(colon + 1);
    if (colon >= 0) host = host.slice(0, colon);
    address = inetAton(host) ?? (await names.hostAddress(host));
  }
  if (address === undefined) return undefined;
  if (portText === undefined) return { address, port: undefined };
  const port = parsePort(portText, protocol, names);
  return port === undefined ? undefined : { address, port };
}

function parsePort(text: string, protocol: Protocol | undefined, names: Names): Port | undefined {
  const port =
    parseDecimal(text, 0, 65535) ?? (protocol === undefined ? undefined : names.servicePort(text, protocol));
  return port as Port | undefined;
}
