import { AF_INET, AF_INET6 } from './constants.ts';

/** Room for a struct sockaddr_in6, the larger of the two. */
export const SOCKET_ADDRESS_BYTES = 28;

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Writes a struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)): family in host order, port in network order, address.
 * `address` has 4 or 16 bytes in network order. Returns the structure's length, 16 or 28.
 */
export function writeSocketAddress(into: Uint8Array, address: Uint8Array, port: number): number {
  const inet6 = address.length === 16;
  into.fill(0, 0, SOCKET_ADDRESS_BYTES);
  into[LITTLE_ENDIAN ? 0 : 1] = inet6 ? AF_INET6 : AF_INET;
  into[2] = port >> 8;
  into[3] = port & 0xff;
  into.set(address, inet6 ? 8 : 4);
  return inet6 ? 28 : 16;
}

export function socketAddressLength(from: Uint8Array): 16 | 28 {
  return from[LITTLE_ENDIAN ? 0 : 1] === AF_INET6 ? 28 : 16;
}

export function socketAddressPort(from: Uint8Array): number {
  return ((from[2] ?? 0) << 8) | (from[3] ?? 0);
}

/** The address part as a view: 4 or 16 bytes in network order. */
export function socketAddressBytes(from: Uint8Array): Uint8Array {
  return socketAddressLength(from) === 28 ? from.subarray(8, 24) : from.subarray(4, 8);
}
