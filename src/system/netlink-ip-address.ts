import { AF_INET, AF_INET6 } from './constants.ts';
import { inet_ntop, inet_pton } from './libc.ts';

/** INET6_ADDRSTRLEN (netinet/in.h). */
const TEXT_BYTES = 46;
const text = new Uint8Array(new ArrayBuffer(128));

/** An address of 4 or 16 bytes as inet_ntop(3) writes it; undefined for other lengths. */
export function ipAddressText(bytes: Uint8Array): string | undefined {
  if (bytes.length !== 4 && bytes.length !== 16) return undefined;
  return inet_ntop(bytes.length === 4 ? AF_INET : AF_INET6, bytes, text, TEXT_BYTES) ?? undefined;
}

/** The 4 or 16 bytes of an address in network order; undefined for what inet_pton(3) takes for no address. */
export function ipAddressBytes(address: string): Uint8Array<ArrayBuffer> | undefined {
  const inet6 = address.includes(':');
  const bytes = new Uint8Array(inet6 ? 16 : 4);
  return inet_pton(inet6 ? AF_INET6 : AF_INET, address, bytes) === 1 ? bytes : undefined;
}
