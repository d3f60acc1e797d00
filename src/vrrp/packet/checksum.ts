import { addressBytes } from '../../model/address.ts';
import type { Envelope } from './advertisement.ts';

/** The Internet checksum of a message whose own checksum field is 0 (RFC 1071), with a pseudo-header before it where one is given. */
export function internetChecksum(message: Uint8Array, pseudoHeader?: Uint8Array): number {
  let sum = sumOf(message) + (pseudoHeader === undefined ? 0 : sumOf(pseudoHeader));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Of IPv4: source, destination, 0, protocol, length (RFC 793 3.1); of IPv6: RFC 8200 8.1. */
export function pseudoHeaderOf(
  { source, destination }: Envelope,
  protocol: number,
  length: number,
): Uint8Array {
  const [from, to] = [addressBytes(source), addressBytes(destination)];
  const tail =
    from.length === 4 ? [0, protocol, ...word(length)] : [0, 0, ...word(length), 0, 0, 0, protocol];
  return Uint8Array.from([...from, ...to, ...tail]);
}

function word(value: number): [number, number] {
  return [value >>> 8, value & 0xff];
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2)
    sum += ((bytes[index] ?? 0) << 8) + (bytes[index + 1] ?? 0);
  return sum;
}
