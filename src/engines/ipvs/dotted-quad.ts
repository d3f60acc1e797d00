import type { IpAddress } from '../../model/address.ts';

/** Networks that are remembered. */
const MOST_PREFIXES = 4096;

/** The text of each network of 256 addresses: tables hold many addresses of few networks, and a text of four numbers has many parts. */
const prefixes = new Map<number, string>();

/** The IPv4 address that a number of 32 bits stands for, with a sign or without; its highest byte is the first part. */
export function dottedQuad(word: number): IpAddress {
  const network = word >>> 8;
  let prefix = prefixes.get(network);
  if (prefix === undefined) {
    if (prefixes.size >= MOST_PREFIXES) prefixes.clear();
    prefix = `${network >>> 16}.${(network >>> 8) & 255}.${network & 255}.`;
    prefixes.set(network, prefix);
  }
  return (prefix + (word & 255)) as IpAddress;
}
