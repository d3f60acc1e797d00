import type { Family } from '../../model/address.ts';

const LAST_BUT_ONE = { inet: 1, inet6: 2 } as const;

/** The 6 bytes that every master of a virtual router has as its MAC address: 00-00-5E-00-01 or -02, and the router's ID (RFC 9568 section 7.3). */
export function virtualMacAddress(family: Family, virtualRouterId: number): Uint8Array {
  return Uint8Array.of(0, 0, 0x5e, 0, LAST_BUT_ONE[family], virtualRouterId);
}
