import { internetChecksum } from '../../system/internet-checksum.ts';

/** An IP packet to be built; the addresses are of one family and say which. */
export interface IpPacket {
  /** 4 or 16 bytes. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** IPPROTO_ number of the payload. */
  readonly protocol: number;
  /** Routers that it may pass, and one more; from 1. */
  readonly hopLimit: number;
  readonly payload: Uint8Array;
}

const HEADER_BYTES = { 4: 20, 16: 40 } as const;

/** A packet without options, not to be fragmented (RFC 791, RFC 8200). */
export function encodeIpPacket(packet: IpPacket): Uint8Array {
  return packet.source.length === 16 ? encodeIpv6(packet) : encodeIpv4(packet);
}

function encodeIpv4({ source, destination, protocol, hopLimit, payload }: IpPacket): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES[4] + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, bytes.length);
  // Identification 0: a packet that is never fragmented needs none (RFC 6864).
  view.setUint16(6, 0x4000);
  view.setUint8(8, hopLimit);
  view.setUint8(9, protocol);
  bytes.set(source, 12);
  bytes.set(destination, 16);
  view.setUint16(10, internetChecksum(bytes.subarray(0, HEADER_BYTES[4])));
  bytes.set(payload, HEADER_BYTES[4]);
  return bytes;
}

function encodeIpv6({ source, destination, protocol, hopLimit, payload }: IpPacket): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES[16] + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x60);
  view.setUint16(4, payload.length);
  view.setUint8(6, protocol);
  view.setUint8(7, hopLimit);
  bytes.set(source, 8);
  bytes.set(destination, 24);
  bytes.set(payload, HEADER_BYTES[16]);
  return bytes;
}

/** The pseudo-header that TCP's and UDP's checksums cover (RFC 9293 section 3.1, RFC 8200 section 8.1). */
export function pseudoHeader(
  { source, destination, protocol }: Pick<IpPacket, 'source' | 'destination' | 'protocol'>,
  length: number,
): Uint8Array {
  const at = source.length * 2;
  const bytes = new Uint8Array(at + (source.length === 16 ? 8 : 4));
  const view = new DataView(bytes.buffer);
  bytes.set(source, 0);
  bytes.set(destination, source.length);
  if (source.length === 16) {
    view.setUint32(at, length);
    view.setUint8(at + 7, protocol);
  } else {
    view.setUint8(at + 1, protocol);
    view.setUint16(at + 2, length);
  }
  return bytes;
}

/** What is read of a packet's header; undefined for what is no packet. */
export interface IpHeader {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/**
 * Reads a packet, or as much of it as was quoted. IPv6's extension headers are not looked into: `protocol` is then theirs.
 */
export function decodeIpPacket(bytes: Uint8Array): IpHeader | undefined {
  const first = bytes[0] ?? 0;
  if (first >> 4 === 4) {
    const length = (first & 0x0f) * 4;
    if (length < HEADER_BYTES[4] || bytes.length < length) return undefined;
    return {
      source: bytes.subarray(12, 16),
      destination: bytes.subarray(16, 20),
      protocol: bytes[9] ?? 0,
      payload: bytes.subarray(length),
    };
  }
  if (first >> 4 !== 6 || bytes.length < HEADER_BYTES[16]) return undefined;
  return {
    source: bytes.subarray(8, 24),
    destination: bytes.subarray(24, 40),
    protocol: bytes[6] ?? 0,
    payload: bytes.subarray(HEADER_BYTES[16]),
  };
}
