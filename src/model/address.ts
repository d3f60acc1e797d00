import ipaddr from 'ipaddr.js';
import type { Brand } from './brand.ts';

/** Address family: AF_INET or AF_INET6. */
export type Family = 'inet' | 'inet6';

/** An IPv4 or IPv6 address in the canonical text of inet_ntop(3) (RFC 5952 for IPv6): equal addresses are equal strings. */
export type IpAddress = Brand<string, 'IpAddress'>;

/**
 * Reads an IPv4 address in dotted-quad form, or an IPv6 address without brackets and zone.
 * Lenient IPv4 forms (`192.0.2`, `0x7f.1`) are refused: `ipvsadm` reads those itself.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text as IpAddress;
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return canonicalInet6(parseInet6(text));
}

/** The family of an address, as its text tells it. */
export function familyOf(address: IpAddress): Family {
  return address.includes(':') ? 'inet6' : 'inet';
}

/** The address in network byte order: 4 bytes for IPv4, 16 for IPv6. */
export function addressBytes(address: IpAddress): Uint8Array {
  if (address.includes(':')) return Uint8Array.from(parseInet6(address).toByteArray());
  return Uint8Array.from(address.split('.'), Number);
}

/** The inverse of {@link addressBytes}; throws a RangeError unless given 4 or 16 bytes. */
export function addressFromBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` as IpAddress;
  if (bytes.length !== 16) throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  return canonicalInet6(new ipaddr.IPv6(Array.from(bytes)));
}

/** ipaddr.js takes `::192.0.2.1` for `::ffff:192.0.2.1`, so a dotted tail is turned into two groups first. */
function parseInet6(text: string): ipaddr.IPv6 {
  const [tail] = /\d+\.\d+\.\d+\.\d+$/.exec(text) ?? [];
  if (tail === undefined) return ipaddr.IPv6.parse(text);
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(tail).octets;
  const groups = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  return ipaddr.IPv6.parse(text.slice(0, -tail.length) + groups);
}

/**
 * As glibc writes it: RFC 5952, and a dotted quad at the end of IPv4-mapped (`::ffff:192.0.2.1`) and IPv4-compatible
 * addresses (`::192.0.2.1`), but not of `::1` and its neighbours.
 */
function canonicalInet6(address: ipaddr.IPv6): IpAddress {
  const leading = address.parts.findIndex((part) => part !== 0);
  const [high = 0, low = 0] = address.parts.slice(6);
  const quad = `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  if (leading === 5 && address.parts[5] === 0xffff) return `::ffff:${quad}` as IpAddress;
  if (leading === 6) return `::${quad}` as IpAddress;
  return address.toRFC5952String() as IpAddress;
}

/**
 * The address as IPVS's hash schedulers see it: the IPv4 address, or the exclusive or of the four
 * words of an IPv6 address, as a 32-bit number in host order (ip_vs_sh.c, ip_vs_sh_hashkey).
 */
export function foldAddress(address: IpAddress): number {
  const bytes = addressBytes(address);
  let folded = 0;
  for (let at = 0; at < bytes.length; at += 4) {
    folded ^=
      ((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0);
  }
  return folded >>> 0;
}
