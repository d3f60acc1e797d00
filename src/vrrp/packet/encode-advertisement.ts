import { addressBytes, familyOf } from '../../model/address.ts';
import { internetChecksum } from '../../system/internet-checksum.ts';
import {
  ADVERTISEMENT_TYPE,
  type Advertisement,
  AUTHENTICATION_BYTES,
  AUTHENTICATION_NONE,
  AUTHENTICATION_PASS,
  type Envelope,
  HEADER_BYTES,
  VRRP_PROTOCOL,
} from './advertisement.ts';
import { pseudoHeaderOf } from './pseudo-header.ts';

export interface EncodeOptions {
  /** Version 3 over IPv4: whether the checksum covers a pseudo-header; over IPv6 it always does. */
  readonly pseudoHeaderChecksum: boolean;
}

/** The bytes behind the IP header. */
export function encodeAdvertisement(
  advertisement: Advertisement,
  envelope: Envelope,
  { pseudoHeaderChecksum }: EncodeOptions,
): Uint8Array {
  const { version, virtualRouterId, priority, interval, password } = advertisement;
  const isInet = familyOf(envelope.source) === 'inet';
  const addresses = advertisement.addresses.flatMap((address) => [...addressBytes(address)]);
  // keepalived leaves the authentication data out of version 2 over IPv6, which no RFC knows.
  const trailer = version === 2 && isInet ? AUTHENTICATION_BYTES : 0;
  const message = new Uint8Array(HEADER_BYTES + addresses.length + trailer);
  message[0] = (version << 4) | ADVERTISEMENT_TYPE;
  message[1] = virtualRouterId;
  message[2] = priority;
  message[3] = advertisement.addresses.length;
  const view = new DataView(message.buffer);
  if (version === 3) view.setUint16(4, interval / 10);
  else {
    message[4] = password === undefined ? AUTHENTICATION_NONE : AUTHENTICATION_PASS;
    message[5] = interval / 1000;
    if (password !== undefined && trailer > 0) {
      message.set(
        Buffer.from(password).subarray(0, AUTHENTICATION_BYTES),
        message.length - AUTHENTICATION_BYTES,
      );
    }
  }
  message.set(addresses, HEADER_BYTES);
  const covered = version === 3 && (!isInet || pseudoHeaderChecksum);
  view.setUint16(
    6,
    internetChecksum(message, ...(covered ? [pseudoHeaderOf(envelope, VRRP_PROTOCOL, message.length)] : [])),
  );
  return message;
}
