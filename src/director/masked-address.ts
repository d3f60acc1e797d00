import { addressBytes, addressFromBytes, familyOf, type IpAddress } from '../model/address.ts';
import type { PrefixLength } from '../model/unit.ts';

/** What is left of a client's address under the netmask of a persistent service: the address of its template. */
export function maskedAddress(address: IpAddress, netmask: IpAddress | PrefixLength): IpAddress {
  const bytes = addressBytes(address);
  const mask = typeof netmask === 'number' ? prefixMask(netmask, bytes.length) : addressBytes(netmask);
  // A mask of the other family is that of the service's, whose clients this address is none of.
  if (typeof netmask !== 'number' && familyOf(netmask) !== familyOf(address)) return address;
  return addressFromBytes(bytes.map((byte, index) => byte & (mask[index] ?? 0)));
}

function prefixMask(length: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => {
    const bits = Math.min(8, Math.max(0, length - index * 8));
    return (0xff << (8 - bits)) & 0xff;
  });
}
