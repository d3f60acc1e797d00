import { internetChecksum } from '../../system/internet-checksum.ts';
import { type IpPacket, pseudoHeader } from './ip-packet.ts';

/** A TCP segment without data (RFC 9293 section 3.1). */
export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 32 bits. */
  readonly sequence: number;
  /** 32 bits; 0 where TCP_ACK is not set. */
  readonly acknowledgement: number;
  /** TCP_ numbers. */
  readonly flags: number;
}

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_ACK = 0x10;

export const IPPROTO_TCP = 6;
const HEADER_BYTES = 20;
/** The largest segment that is asked for: what fits every link of IPv6, and every tunnel over Ethernet. */
const MAXIMUM_SEGMENT_SIZE = 1220;

/** A segment with its checksum; SYN has the option that says the largest segment. */
export function encodeTcpSegment(
  segment: TcpSegment,
  addresses: Pick<IpPacket, 'source' | 'destination'>,
): Uint8Array {
  const options =
    (segment.flags & TCP_SYN) === 0 ? [] : [2, 4, MAXIMUM_SEGMENT_SIZE >> 8, MAXIMUM_SEGMENT_SIZE & 0xff];
  const bytes = new Uint8Array(HEADER_BYTES + options.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, segment.sourcePort);
  view.setUint16(2, segment.destinationPort);
  view.setUint32(4, segment.sequence);
  view.setUint32(8, segment.acknowledgement);
  view.setUint8(12, (bytes.length / 4) << 4);
  view.setUint8(13, segment.flags);
  view.setUint16(14, 0xffff);
  bytes.set(options, HEADER_BYTES);
  const pseudo = pseudoHeader({ ...addresses, protocol: IPPROTO_TCP }, bytes.length);
  view.setUint16(16, internetChecksum(pseudo, bytes));
  return bytes;
}

/** Reads a segment's header; undefined where it is not all there. */
export function decodeTcpSegment(bytes: Uint8Array): TcpSegment | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgement: view.getUint32(8),
    flags: view.getUint8(13),
  };
}
