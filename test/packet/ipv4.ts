import { type Checksum, checksumField, internetChecksum, judgeChecksum } from './checksum.ts';
import type { Decoded, Surroundings } from './codec.ts';
import { addressPair, canonicalAddress, splitAddressPair } from './ip-address.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/** RFC 791 section 3.1. */
export interface Ipv4 {
  readonly layer: 'ipv4';
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  /** The whole octet: DSCP and ECN. */
  readonly tos: number;
  readonly id: number;
  /** Don't fragment. */
  readonly df: boolean;
  /** More fragments. */
  readonly mf: boolean;
  /** Bytes, a multiple of 8. */
  readonly fragmentOffset: number;
  /** Hexadecimal, a multiple of 4 bytes, at most 40. */
  readonly options: string;
  readonly checksum: Checksum;
  readonly protocol?: number;
  /** The reserved bit. */
  readonly reserved?: true;
  /** Total length, where it is not that of header and payload. */
  readonly length?: number;
  /** Hexadecimal: bytes behind what the total length covers. */
  readonly trailer?: string;
}

export function ipv4(fields: Fields<Ipv4, 'source' | 'destination'>): Ipv4 {
  return {
    layer: 'ipv4',
    ttl: 64,
    tos: 0,
    id: 0,
    df: false,
    mf: false,
    fragmentOffset: 0,
    options: '',
    checksum: 'right',
    ...fields,
    source: canonicalAddress(fields.source, 4),
    destination: canonicalAddress(fields.destination, 4),
  };
}

export function encodeIpv4(layer: Ipv4, payload: Buffer, next: Layer | undefined): Buffer {
  const options = Buffer.from(layer.options, 'hex');
  if (options.length % 4 !== 0 || options.length > 40 || layer.fragmentOffset % 8 !== 0)
    throw new Error('IPv4 options are 0 to 40 bytes, by fours; fragment offsets go by eights');
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45 + options.length / 4, 0);
  header.writeUInt8(layer.tos, 1);
  header.writeUInt16BE(layer.length ?? 20 + options.length + payload.length, 2);
  header.writeUInt16BE(layer.id, 4);
  const flags = (layer.reserved ? 0x8000 : 0) | (layer.df ? 0x4000 : 0) | (layer.mf ? 0x2000 : 0);
  header.writeUInt16BE(flags | (layer.fragmentOffset / 8), 6);
  header.writeUInt8(layer.ttl, 8);
  header.writeUInt8(announced(layer, 'protocol', next), 9);
  addressPair(layer.source, layer.destination, 4).copy(header, 12);
  header.writeUInt16BE(checksumField(layer.checksum, internetChecksum(header, options)), 10);
  return Buffer.concat([header, options, payload, Buffer.from(layer.trailer ?? '', 'hex')]);
}

export function decodeIpv4(bytes: Buffer, { whole }: Surroundings): Decoded | undefined {
  if (bytes.length < 20 || bytes.readUInt8(0) >> 4 !== 4) return undefined;
  const headerLength = (bytes.readUInt8(0) & 0xf) * 4;
  const length = bytes.readUInt16BE(2);
  if (headerLength < 20 || headerLength > bytes.length || length < headerLength) return undefined;
  const header = Buffer.from(bytes.subarray(0, headerLength));
  const checksum = header.readUInt16BE(10);
  header.writeUInt16BE(0, 10);
  const flags = header.readUInt16BE(6);
  const fragmentOffset = (flags & 0x1fff) * 8;
  const protocol = header.readUInt8(9);
  const addresses = header.subarray(12, 20);
  const mf = (flags & 0x2000) !== 0;
  return {
    layer: {
      layer: 'ipv4',
      ...splitAddressPair(addresses),
      ttl: header.readUInt8(8),
      tos: header.readUInt8(1),
      id: header.readUInt16BE(4),
      df: (flags & 0x4000) !== 0,
      mf,
      fragmentOffset,
      options: header.toString('hex', 20),
      checksum: judgeChecksum(checksum, internetChecksum(header), true),
      protocol,
      ...(flags & 0x8000 ? { reserved: true } : {}),
      ...(length > bytes.length ? { length } : {}),
      ...(length < bytes.length ? { trailer: bytes.toString('hex', length) } : {}),
    },
    payload: bytes.subarray(headerLength, length),
    next: fragmentOffset > 0 ? { as: 'data' } : { as: 'protocol', number: protocol },
    surroundings: { addresses, whole: whole && !mf && fragmentOffset === 0 && length <= bytes.length },
  };
}
