import { type Checksum, checksumField, internetChecksum, judgeChecksum } from './checksum.ts';
import type { Decoded, Surroundings } from './codec.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/** RFC 2784 and RFC 2890. */
export interface Gre {
  readonly layer: 'gre';
  /** `none`: the header has no such field. */
  readonly checksum: Checksum;
  readonly key?: number;
  readonly sequence?: number;
  /** The EtherType of the payload. */
  readonly type?: number;
  /** The 16 bits behind the checksum, where not 0. */
  readonly reserved?: number;
}

const CHECKSUM = 0x8000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;

export function gre(fields: Fields<Gre> = {}): Gre {
  return { layer: 'gre', checksum: 'none', ...fields };
}

export function encodeGre(layer: Gre, payload: Buffer, next: Layer | undefined): Buffer {
  const has = layer.checksum !== 'none';
  const flags =
    (has ? CHECKSUM : 0) |
    (layer.key === undefined ? 0 : KEY) |
    (layer.sequence === undefined ? 0 : SEQUENCE);
  const words = [((flags << 16) | announced(layer, 'type', next)) >>> 0];
  if (has) words.push(layer.reserved ?? 0);
  if (layer.key !== undefined) words.push(layer.key);
  if (layer.sequence !== undefined) words.push(layer.sequence);
  const header = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) header.writeUInt32BE(word, index * 4);
  const packet = Buffer.concat([header, payload]);
  if (has) packet.writeUInt16BE(checksumField(layer.checksum, internetChecksum(packet)), 4);
  return packet;
}

export function decodeGre(bytes: Buffer, surroundings: Surroundings): Decoded | undefined {
  if (bytes.length < 4) return undefined;
  const flags = bytes.readUInt16BE(0);
  if (flags & ~(CHECKSUM | KEY | SEQUENCE)) return undefined;
  const length = 4 + [CHECKSUM, KEY, SEQUENCE].filter((flag) => flags & flag).length * 4;
  if (bytes.length < length) return undefined;
  const type = bytes.readUInt16BE(2);
  const keyAt = flags & CHECKSUM ? 8 : 4;
  return {
    layer: {
      layer: 'gre',
      ...(flags & CHECKSUM ? checksumFields(bytes, surroundings.whole) : { checksum: 'none' }),
      ...(flags & KEY ? { key: bytes.readUInt32BE(keyAt) } : {}),
      ...(flags & SEQUENCE ? { sequence: bytes.readUInt32BE(length - 4) } : {}),
      type,
    },
    payload: bytes.subarray(length),
    next: { as: 'ether-type', number: type },
    surroundings,
  };
}

function checksumFields(bytes: Buffer, whole: boolean): Pick<Gre, 'checksum' | 'reserved'> {
  const packet = Buffer.from(bytes);
  const field = packet.readUInt16BE(4);
  packet.writeUInt16BE(0, 4);
  const reserved = packet.readUInt16BE(6);
  return {
    checksum: judgeChecksum(field, internetChecksum(packet), whole),
    ...(reserved ? { reserved } : {}),
  };
}
