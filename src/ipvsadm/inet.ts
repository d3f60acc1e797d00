import { type IpAddress, parseIpAddress } from '../model/address.ts';

/**
 * Reads an IPv4 address as inet_aton(3) of glibc does: one to four parts, decimal, octal (`010`) or hexadecimal
 * (`0x10`), the last of which fills what is left (`192.0.2` is 192.0.0.2); text after a blank is ignored.
 */
export function inetAton(text: string): IpAddress | undefined {
  const parts = (text.split(/[ \t\n\v\f\r]/, 1)[0] ?? '').split('.');
  if (parts.length > 4) return undefined;
  let value = 0;
  for (const [index, part] of parts.entries()) {
    const number = parsePart(part);
    const last = index === parts.length - 1;
    const room = last ? 2 ** (8 * (5 - parts.length)) : 256;
    if (number === undefined || number >= room) return undefined;
    value += last ? number : number * 2 ** (8 * (3 - index));
  }
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}` as IpAddress;
}

function parsePart(part: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(part)) return Number.parseInt(part, 16);
  if (/^0[0-7]*$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9][0-9]*$/.test(part) ? Number(part) : undefined;
}

const GROUPS = /^[0-9a-fA-F:]+(?:[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)?$/;

/** Reads an IPv6 address as inet_pton(3) does: groups of at most four digits, a dotted quad at the end, no zone. */
export function inetPton6(text: string): IpAddress | undefined {
  if (!text.includes(':') || !GROUPS.test(text)) return undefined;
  const quad = text.includes('.') ? text.slice(text.lastIndexOf(':') + 1) : undefined;
  if (quad !== undefined && !/^(?:(?:0|[1-9][0-9]{0,2})(?:\.|$)){4}$/.test(quad)) return undefined;
  const groups = (quad === undefined ? text : text.slice(0, -quad.length)).split(':');
  return groups.every((group) => group.length <= 4) ? parseIpAddress(text) : undefined;
}
