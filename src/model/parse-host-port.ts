import { type IpAddress, parseIpAddress } from './address.ts';
import { asPort, type Port } from './unit.ts';

/** An address with a port; a `DestinationId` is one. */
export interface HostPort {
  readonly address: IpAddress;
  readonly port: Port;
}

/** The inverse of `hostPort`: `192.0.2.10:80` or `[2001:db8::10]:80`; undefined for everything else, names included. */
export function parseHostPort(text: string): HostPort | undefined {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):(0|[1-9][0-9]{0,4})$/.exec(text);
  if (parts === null) return undefined;
  const [, inet6, inet, digits] = parts;
  const address = parseIpAddress(inet6 ?? inet ?? '');
  const port = asPort(Number(digits));
  if (address === undefined || port === undefined) return undefined;
  return address.includes(':') === (inet6 !== undefined) ? { address, port } : undefined;
}
