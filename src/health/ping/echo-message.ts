import { internetChecksum } from '../../system/internet-checksum.ts';
import { ECHO } from '../../system/raw/icmp-socket.ts';

/** An ICMP echo or its reply (RFC 792; RFC 4443 section 4). */
export interface EchoMessage {
  /** 16 bits each. */
  readonly identifier: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

const HEADER_BYTES = 8;

/** An echo. The kernel replaces the checksum where it makes it itself, which for ICMPv6 it always does. */
export function encodeEcho(family: 'inet' | 'inet6', message: EchoMessage): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + message.data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, ECHO[family].request);
  view.setUint16(4, message.identifier);
  view.setUint16(6, message.sequence);
  bytes.set(message.data, HEADER_BYTES);
  view.setUint16(2, internetChecksum(bytes));
  return bytes;
}

/** Reads a message of one type, or its beginning where it was quoted; undefined for others. */
export function decodeEcho(bytes: Uint8Array, type: number): EchoMessage | undefined {
  if (bytes.length < HEADER_BYTES || bytes[0] !== type) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    identifier: view.getUint16(4),
    sequence: view.getUint16(6),
    data: bytes.subarray(HEADER_BYTES),
  };
}
