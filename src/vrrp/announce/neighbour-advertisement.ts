import { addressBytes, type IpAddress } from '../../model/address.ts';
import { internetChecksum } from '../../system/internet-checksum.ts';
import { pseudoHeaderOf } from '../packet/pseudo-header.ts';

/** All nodes of the link (RFC 4291 section 2.7.1). */
export const ALL_NODES = 'ff02::1' as IpAddress;

const ICMPV6 = 58;
const IP_HEADER_BYTES = 40;
const MESSAGE_BYTES = 32;
const ROUTER = 0x80;
const OVERRIDE = 0x20;

/**
 * An unsolicited neighbour advertisement of an address to all nodes, from its IPv6 header on (RFC 4861 section 4.4): neighbours that know the
 * address take the new link-layer address. `hardwareAddress` has 6 bytes; `isRouter` says whether the host forwards.
 */
export function neighbourAdvertisement(
  address: IpAddress,
  hardwareAddress: Uint8Array,
  isRouter: boolean,
): Uint8Array {
  const packet = new Uint8Array(IP_HEADER_BYTES + MESSAGE_BYTES);
  const bytes = addressBytes(address);
  packet.set([0x60, 0, 0, 0, 0, MESSAGE_BYTES, ICMPV6, 255]);
  packet.set(bytes, 8);
  packet.set(addressBytes(ALL_NODES), 24);
  const message = packet.subarray(IP_HEADER_BYTES);
  message.set([136, 0, 0, 0, OVERRIDE | (isRouter ? ROUTER : 0)]);
  message.set(bytes, 8);
  // Option target link-layer address, of one unit of 8 bytes.
  message.set([2, 1, ...hardwareAddress], 24);
  const pseudoHeader = pseudoHeaderOf({ source: address, destination: ALL_NODES }, ICMPV6, MESSAGE_BYTES);
  new DataView(packet.buffer).setUint16(IP_HEADER_BYTES + 2, internetChecksum(message, pseudoHeader));
  return packet;
}
