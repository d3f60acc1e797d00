import type { Decoded, Surroundings } from './codec.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/** The fragment header, RFC 8200 section 4.5. */
export interface Ipv6Fragment {
  readonly layer: 'fragment';
  /** Bytes, a multiple of 8. */
  readonly offset: number;
  readonly more: boolean;
  /** 32 bits. */
  readonly id: number;
  readonly protocol?: number;
  /** The reserved octet, then the two reserved bits, where not 0. */
  readonly reserved?: number;
}

export function ipv6Fragment(fields: Fields<Ipv6Fragment>): Ipv6Fragment {
  return { layer: 'fragment', offset: 0, more: false, id: 0, ...fields };
}

export function encodeIpv6Fragment(layer: Ipv6Fragment, payload: Buffer, next: Layer | undefined): Buffer {
  if (layer.offset % 8 !== 0) throw new Error('fragment offsets go by eights');
  const reserved = layer.reserved ?? 0;
  const header = Buffer.alloc(8);
  header.writeUInt8(announced(layer, 'protocol', next), 0);
  header.writeUInt8(reserved >> 2, 1);
  header.writeUInt16BE(layer.offset | ((reserved & 3) << 1) | (layer.more ? 1 : 0), 2);
  header.writeUInt32BE(layer.id, 4);
  return Buffer.concat([header, payload]);
}

export function decodeIpv6Fragment(bytes: Buffer, { addresses, whole }: Surroundings): Decoded | undefined {
  if (bytes.length < 8) return undefined;
  const protocol = bytes.readUInt8(0);
  const place = bytes.readUInt16BE(2);
  const offset = place & 0xfff8;
  const more = (place & 1) !== 0;
  const reserved = (bytes.readUInt8(1) << 2) | ((place >> 1) & 3);
  return {
    layer: {
      layer: 'fragment',
      offset,
      more,
      id: bytes.readUInt32BE(4),
      protocol,
      ...(reserved ? { reserved } : {}),
    },
    payload: bytes.subarray(8),
    next: offset > 0 ? { as: 'data' } : { as: 'protocol', number: protocol },
    surroundings: { addresses, whole: whole && offset === 0 && !more },
  };
}
