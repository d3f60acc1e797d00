import type { IpAddress } from './address.ts';

const DOT = 46;
const ZERO = 48;
const COLON = 58;

/** An IPv4 address as a number of 32 bits with a sign, its first part the highest; undefined for IPv6. */
export function inet4Word(address: IpAddress): number | undefined {
  let word = 0;
  let part = 0;
  for (let at = 0; at < address.length; at++) {
    const code = address.charCodeAt(at);
    if (code === DOT) {
      word = (word << 8) | part;
      part = 0;
    } else if (code >= ZERO && code < COLON) part = part * 10 + code - ZERO;
    // A colon, or a digit beyond 9.
    else return undefined;
  }
  return (word << 8) | part;
}
