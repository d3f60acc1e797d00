import type { IpAddress } from '../../../src/model/address.ts';
import type { Layer } from '../../packet/packet.ts';
import { ethernet, ipv4, ipv6 } from '../../packet/packet.ts';

/** One end of a flow. */
export interface End {
  readonly address: IpAddress;
  readonly port: number;
}

/** Who sends to whom. */
export interface Flow {
  readonly from: End;
  readonly to: End;
}

/** Reads `10.1.0.2:7001 > 192.0.2.10:80`, IPv6 addresses in brackets. Throws where it is anything else. */
export function flow(text: string): Flow {
  const [from, to, ...rest] = text.split(' > ');
  if (from === undefined || to === undefined || rest.length > 0) throw new TypeError(`${text} is no flow`);
  return { from: end(from), to: end(to) };
}

export function end(text: string): End {
  const match = /^(?:\[(?<inet6>[^\]]+)\]|(?<inet>[\d.]+)):(?<port>\d+)$/.exec(text);
  const address = match?.groups?.inet ?? match?.groups?.inet6;
  if (address === undefined) throw new TypeError(`${text} is no address with a port`);
  return { address: address as IpAddress, port: Number(match?.groups?.port) };
}

/** As {@link end} reads it. */
export function endText({ address, port }: End): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** As {@link flow} reads it. */
export function flowText({ from, to }: Flow): string {
  return `${endText(from)} > ${endText(to)}`;
}

/** A frame for the interface with a link-layer address. */
export function frame(
  { from, to }: Flow,
  transport: Layer,
  mac: string,
  inner: readonly Layer[] = [],
): Layer[] {
  const addresses = { source: from.address, destination: to.address };
  const ip = from.address.includes(':') ? ipv6(addresses) : ipv4(addresses);
  return [ethernet({ destination: mac }), ip, transport, ...inner];
}
