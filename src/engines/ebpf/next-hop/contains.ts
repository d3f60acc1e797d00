import type { IpPrefix } from '../../../netlink/route/ip-address.ts';
import { ipAddressBytes } from '../../../system/netlink-ip-address.ts';

/** Whether an address lies in a network; those of the other family do not. */
export function contains({ address: network, prefixLength }: IpPrefix, address: string): boolean {
  const [ours, theirs] = [ipAddressBytes(network), ipAddressBytes(address)];
  if (ours === undefined || theirs === undefined || ours.length !== theirs.length) return false;
  const whole = prefixLength >> 3;
  for (let at = 0; at < whole; at++) if (ours[at] !== theirs[at]) return false;
  const mask = 0xff00 >> (prefixLength & 7);
  return ((ours[whole] ?? 0) & mask & 0xff) === ((theirs[whole] ?? 0) & mask & 0xff);
}
