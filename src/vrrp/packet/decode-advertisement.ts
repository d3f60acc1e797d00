import { addressFromBytes, type Family, familyOf } from '../../model/address.ts';
import type { Milliseconds } from '../../model/unit.ts';
import { internetChecksum } from '../../system/internet-checksum.ts';
import {
  ADVERTISEMENT_TYPE,
  type Advertisement,
  AUTHENTICATION_BYTES,
  AUTHENTICATION_NONE,
  AUTHENTICATION_PASS,
  type Envelope,
  HEADER_BYTES,
  MULTICAST_GROUP,
  VRRP_HOP_LIMIT,
  VRRP_PROTOCOL,
} from './advertisement.ts';
import { pseudoHeaderOf } from './pseudo-header.ts';

/** A packet as it came in. */
export interface ReceivedPacket extends Envelope {
  /** TTL or hop limit. */
  readonly hopLimit: number;
  /** The bytes behind the IP header. */
  readonly message: Uint8Array;
}

/** Why a packet is no advertisement. */
export type Refusal =
  | 'hop-limit'
  | 'too-short'
  | 'version'
  | 'type'
  | 'checksum'
  | 'virtual-router-id'
  | 'interval'
  | 'length'
  | 'authentication-type';

export type Decoded =
  | { readonly advertisement: Advertisement; readonly refusal?: never }
  | { readonly advertisement?: never; readonly refusal: Refusal };

const ADDRESS_BYTES: Readonly<Record<Family, number>> = { inet: 4, inet6: 16 };

/** What a packet says, or why it is not to be heard (RFC 9568 section 7.1, RFC 3768 section 7.1). Never throws. */
export function decodeAdvertisement(packet: ReceivedPacket): Decoded {
  const { message, hopLimit } = packet;
  const family = familyOf(packet.source);
  // What is sent to the group never left the link; of what is sent to this host alone whoever listens judges.
  if (hopLimit !== VRRP_HOP_LIMIT && packet.destination === MULTICAST_GROUP[family])
    return { refusal: 'hop-limit' };
  if (message.length < HEADER_BYTES) return { refusal: 'too-short' };
  const [first = 0, virtualRouterId = 0, priority = 0, count = 0] = message;
  const version = first >>> 4;
  if (version !== 2 && version !== 3) return { refusal: 'version' };
  if ((first & 0xf) !== ADVERTISEMENT_TYPE) return { refusal: 'type' };
  if (virtualRouterId === 0) return { refusal: 'virtual-router-id' };
  const end = HEADER_BYTES + count * ADDRESS_BYTES[family];
  const trailer = version === 2 && family === 'inet' ? AUTHENTICATION_BYTES : 0;
  // Some implementations send version 2 without the data that its authentication type does not need.
  const isWhole =
    message.length === end + trailer || (trailer > 0 && message[4] === 0 && message.length === end);
  if (!isWhole) return { refusal: 'length' };
  if (!isIntact(packet, version, family)) return { refusal: 'checksum' };
  const interval = intervalOf(message, version);
  if (interval === 0) return { refusal: 'interval' };
  const authentication = version === 2 ? message[4] : AUTHENTICATION_NONE;
  if (authentication !== AUTHENTICATION_NONE && authentication !== AUTHENTICATION_PASS) {
    return { refusal: 'authentication-type' };
  }
  return {
    advertisement: {
      version,
      virtualRouterId,
      priority,
      interval,
      addresses: addressesOf(message.subarray(HEADER_BYTES, end), ADDRESS_BYTES[family]),
      ...(authentication === AUTHENTICATION_PASS && { password: passwordOf(message) }),
    },
  };
}

/** Version 3 over IPv4 is taken with and without a pseudo-header, as implementations differ. */
function isIntact(packet: ReceivedPacket, version: 2 | 3, family: Family): boolean {
  const { message } = packet;
  const pseudoHeader = pseudoHeaderOf(packet, VRRP_PROTOCOL, message.length);
  if (version === 3 && internetChecksum(message, pseudoHeader) === 0) return true;
  return (version === 2 || family === 'inet') && internetChecksum(message) === 0;
}

function intervalOf(message: Uint8Array, version: 2 | 3): Milliseconds {
  const [, , , , fourth = 0, fifth = 0] = message;
  return (version === 3 ? (((fourth & 0xf) << 8) | fifth) * 10 : fifth * 1000) as Milliseconds;
}

function addressesOf(bytes: Uint8Array, each: number): Advertisement['addresses'] {
  return Array.from({ length: bytes.length / each }, (_, index) =>
    addressFromBytes(bytes.subarray(index * each, (index + 1) * each)),
  );
}

function passwordOf(message: Uint8Array): string {
  const data = Buffer.from(message.subarray(message.length - AUTHENTICATION_BYTES));
  const end = data.indexOf(0);
  return data.subarray(0, end < 0 ? data.length : end).toString();
}
