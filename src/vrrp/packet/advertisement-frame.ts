import { addressBytes, familyOf } from '../../model/address.ts';
import { internetChecksum } from '../../system/internet-checksum.ts';
import { ETH_P_IP, ETH_P_IPV6 } from '../../system/raw/constants.ts';
import { type Envelope, VRRP_HOP_LIMIT, VRRP_PROTOCOL } from './advertisement.ts';

/** DSCP CS6, network control (RFC 4594 section 3.1), as a traffic class. */
export const NETWORK_CONTROL = 0xc0;

const HEADER_BYTES = 20;
/** Version 4, and a header of five words without options (RFC 791 section 3.1). */
const VERSION_AND_LENGTH = 0x45;
const DO_NOT_FRAGMENT = 0x40;

/**
 * A whole Ethernet frame that carries an encoded advertisement to its multicast group: what the kernel would send, but for the source
 * address of the frame, which is to be the virtual one (RFC 9568 section 7.2). `source` has 6 bytes.
 */
export function advertisementFrame(message: Uint8Array, envelope: Envelope, source: Uint8Array): Uint8Array {
  const isInet = familyOf(envelope.source) === 'inet';
  const type = isInet ? ETH_P_IP : ETH_P_IPV6;
  const header = isInet ? inetHeader(message.length, envelope) : inet6Header(message.length, envelope);
  return Buffer.concat([
    groupMacAddress(addressBytes(envelope.destination)),
    source,
    Uint8Array.of(type >>> 8, type & 0xff),
    header,
    message,
  ]);
}

/** Of a multicast group: RFC 1112 section 6.4, RFC 2464 section 7. */
function groupMacAddress(group: Uint8Array): Uint8Array {
  const [, second = 0, third = 0, fourth = 0] = group;
  return group.length === 4
    ? Uint8Array.of(0x01, 0, 0x5e, second & 0x7f, third, fourth)
    : Uint8Array.of(0x33, 0x33, ...group.subarray(12));
}

function inetHeader(payloadBytes: number, { source, destination }: Envelope): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set([VERSION_AND_LENGTH, NETWORK_CONTROL]);
  view.setUint16(2, HEADER_BYTES + payloadBytes);
  header.set([DO_NOT_FRAGMENT, 0, VRRP_HOP_LIMIT, VRRP_PROTOCOL], 6);
  header.set(addressBytes(source), 12);
  header.set(addressBytes(destination), 16);
  view.setUint16(10, internetChecksum(header));
  return header;
}

/** RFC 8200 section 3. */
function inet6Header(payloadBytes: number, { source, destination }: Envelope): Uint8Array {
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  view.setUint16(0, 0x6000 | (NETWORK_CONTROL << 4));
  view.setUint16(4, payloadBytes);
  header.set([VRRP_PROTOCOL, VRRP_HOP_LIMIT], 6);
  header.set(addressBytes(source), 8);
  header.set(addressBytes(destination), 24);
  return header;
}
