import {
  type Checksum,
  checksumField,
  internetChecksum,
  judgeChecksum,
  onesComplementSum,
  pseudoHeader,
} from './checksum.ts';
import type { Decoded, Surroundings } from './codec.ts';
import type { Fields } from './layer.ts';
import { PROTOCOLS } from './number.ts';

/** RFC 768. */
export interface Udp {
  readonly layer: 'udp';
  readonly source: number;
  readonly destination: number;
  readonly checksum: Checksum;
  /** Where it is not that of header and payload. */
  readonly length?: number;
  /** Hexadecimal: bytes behind what the length covers. */
  readonly trailer?: string;
}

export function udp(fields: Fields<Udp, 'source' | 'destination'>): Udp {
  return { layer: 'udp', checksum: 'right', ...fields };
}

export function encodeUdp(layer: Udp, payload: Buffer, { addresses }: Surroundings): Buffer {
  const length = layer.length ?? 8 + payload.length;
  const header = Buffer.alloc(8);
  header.writeUInt16BE(layer.source, 0);
  header.writeUInt16BE(layer.destination, 2);
  header.writeUInt16BE(length, 4);
  const datagram = Buffer.concat([header, payload]);
  const { right, partial } = checksums(datagram, length, addresses);
  datagram.writeUInt16BE(checksumField(layer.checksum, right, partial), 6);
  return Buffer.concat([datagram, Buffer.from(layer.trailer ?? '', 'hex')]);
}

/** What is sent to one of the `guePorts` is taken for GUE. */
export function decodeUdp(
  bytes: Buffer,
  surroundings: Surroundings,
  guePorts: readonly number[],
): Decoded | undefined {
  if (bytes.length < 8) return undefined;
  const length = bytes.readUInt16BE(4);
  if (length < 8) return undefined;
  const datagram = Buffer.from(bytes.subarray(0, length));
  const field = datagram.readUInt16BE(6);
  datagram.writeUInt16BE(0, 6);
  const whole = surroundings.whole && length <= bytes.length;
  const { right, partial } = checksums(datagram, length, surroundings.addresses);
  const destination = bytes.readUInt16BE(2);
  return {
    layer: {
      layer: 'udp',
      source: bytes.readUInt16BE(0),
      destination,
      checksum: field === 0 ? 'none' : judgeChecksum(field, right, whole, partial),
      ...(length > bytes.length ? { length } : {}),
      ...(length < bytes.length ? { trailer: bytes.toString('hex', length) } : {}),
    },
    payload: bytes.subarray(8, length),
    next: { as: guePorts.includes(destination) ? 'gue' : 'data' },
    surroundings: { ...surroundings, whole },
  };
}

/** Of a datagram whose checksum field is 0. A computed 0 goes out as 0xffff, because 0 means none. */
function checksums(
  datagram: Buffer,
  length: number,
  addresses: Buffer | undefined,
): { right: number; partial: number } {
  const pseudo = pseudoHeader(addresses, PROTOCOLS.udp, length);
  return { right: internetChecksum(pseudo, datagram) || 0xffff, partial: onesComplementSum(pseudo) };
}
