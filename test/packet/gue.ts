import type { Decoded, Surroundings } from './codec.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/** Generic UDP Encapsulation, variant 0 (draft-ietf-intarea-gue section 3.1; include/net/gue.h). */
export interface Gue {
  readonly layer: 'gue';
  /** 16 bits. */
  readonly flags: number;
  /** Hexadecimal, a multiple of 4 bytes, at most 124: what the flags announce. */
  readonly fields: string;
  /** The payload's protocol, or the type of a control message. */
  readonly protocol?: number;
  readonly control?: true;
}

export function gue(fields: Fields<Gue> = {}): Gue {
  return { layer: 'gue', flags: 0, fields: '', ...fields };
}

export function encodeGue(layer: Gue, payload: Buffer, next: Layer | undefined): Buffer {
  const fields = Buffer.from(layer.fields, 'hex');
  if (fields.length % 4 !== 0 || fields.length > 124)
    throw new Error('GUE fields are 0 to 124 bytes, by fours');
  const header = Buffer.alloc(4);
  header.writeUInt8((layer.control ? 0x20 : 0) | (fields.length / 4), 0);
  header.writeUInt8(announced(layer, 'protocol', next), 1);
  header.writeUInt16BE(layer.flags, 2);
  return Buffer.concat([header, fields, payload]);
}

export function decodeGue(bytes: Buffer, surroundings: Surroundings): Decoded | undefined {
  if (bytes.length < 4 || bytes.readUInt8(0) >> 6 !== 0) return undefined;
  const end = 4 + (bytes.readUInt8(0) & 0x1f) * 4;
  if (end > bytes.length) return undefined;
  const protocol = bytes.readUInt8(1);
  const control = (bytes.readUInt8(0) & 0x20) !== 0;
  return {
    layer: {
      layer: 'gue',
      flags: bytes.readUInt16BE(2),
      fields: bytes.toString('hex', 4, end),
      protocol,
      ...(control ? { control } : {}),
    },
    payload: bytes.subarray(end),
    next: control ? { as: 'data' } : { as: 'protocol', number: protocol },
    surroundings,
  };
}
