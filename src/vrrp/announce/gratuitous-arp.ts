import { addressBytes, type IpAddress } from '../../model/address.ts';

/** Ethernet, IPv4, 6 and 4 bytes, request (RFC 826). */
const HEADER = [0, 1, 8, 0, 6, 4, 0, 1];

/**
 * An ARP request of an address for itself, from its header on: neighbours that know the address take the new link-layer address, and switches
 * learn its port (RFC 5227 section 3, RFC 9568 section 6.4.1). `hardwareAddress` has 6 bytes.
 */
export function gratuitousArp(address: IpAddress, hardwareAddress: Uint8Array): Uint8Array {
  const bytes = addressBytes(address);
  return Uint8Array.from([...HEADER, ...hardwareAddress, ...bytes, 0, 0, 0, 0, 0, 0, ...bytes]);
}
