import { addressBytes } from '../../model/address.ts';
import type { Envelope } from './advertisement.ts';

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
