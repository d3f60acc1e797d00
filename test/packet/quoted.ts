import { build } from './build.ts';
import type { Layer } from './layer.ts';
import { parsePacket } from './parse.ts';

/** The layers of an IP packet as an ICMP error quotes it: its first `bytes` bytes, with lengths and checksums of the whole. */
export function quoted(layers: readonly Layer[], bytes: number): Layer[] {
  const first = layers[0]?.layer;
  if (first !== 'ipv4' && first !== 'ipv6') throw new Error('ICMP errors quote from the IP header on');
  return parsePacket(build(layers).subarray(0, bytes));
}
