import type { Decoded, Surroundings } from './codec.ts';
import { addressPair, canonicalAddress, splitAddressPair } from './ip-address.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/** RFC 8200 section 3. */
export interface Ipv6 {
  readonly layer: 'ipv6';
  readonly source: string;
  readonly destination: string;
  readonly hopLimit: number;
  readonly trafficClass: number;
  /** 20 bits. */
  readonly flowLabel: number;
  /** The next header. */
  readonly protocol?: number;
  /** Payload length, where it is not that of the payload. */
  readonly length?: number;
  /** Hexadecimal: bytes behind what the payload length covers. */
  readonly trailer?: string;
}

export function ipv6(fields: Fields<Ipv6, 'source' | 'destination'>): Ipv6 {
  return {
    layer: 'ipv6',
    hopLimit: 64,
    trafficClass: 0,
    flowLabel: 0,
    ...fields,
    source: canonicalAddress(fields.source, 16),
    destination: canonicalAddress(fields.destination, 16),
  };
}

export function encodeIpv6(layer: Ipv6, payload: Buffer, next: Layer | undefined): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt32BE(0x60000000 + layer.trafficClass * 0x100000 + layer.flowLabel, 0);
  header.writeUInt16BE(layer.length ?? payload.length, 4);
  header.writeUInt8(announced(layer, 'protocol', next), 6);
  header.writeUInt8(layer.hopLimit, 7);
  addressPair(layer.source, layer.destination, 16).copy(header, 8);
  return Buffer.concat([header, payload, Buffer.from(layer.trailer ?? '', 'hex')]);
}

export function decodeIpv6(bytes: Buffer, { whole }: Surroundings): Decoded | undefined {
  if (bytes.length < 40 || bytes.readUInt8(0) >> 4 !== 6) return undefined;
  const first = bytes.readUInt32BE(0);
  const length = bytes.readUInt16BE(4);
  const protocol = bytes.readUInt8(6);
  const end = 40 + length;
  const addresses = bytes.subarray(8, 40);
  return {
    layer: {
      layer: 'ipv6',
      ...splitAddressPair(addresses),
      hopLimit: bytes.readUInt8(7),
      trafficClass: (first >> 20) & 0xff,
      flowLabel: first & 0xfffff,
      protocol,
      ...(end > bytes.length ? { length } : {}),
      ...(end < bytes.length ? { trailer: bytes.toString('hex', end) } : {}),
    },
    payload: bytes.subarray(40, end),
    next: { as: 'protocol', number: protocol },
    surroundings: { addresses, whole: whole && end <= bytes.length },
  };
}
