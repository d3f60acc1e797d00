import { type Checksum, checksumField, judgeChecksum } from './checksum.ts';
import type { Decoded, Surroundings } from './codec.ts';
import { crc32c } from './crc32c.ts';
import type { Fields } from './layer.ts';
import { decodeSctpChunks, encodeSctpChunk, type SctpChunk } from './sctp-chunk.ts';

/** RFC 9260 section 3. */
export interface Sctp {
  readonly layer: 'sctp';
  readonly source: number;
  readonly destination: number;
  /** Verification tag. */
  readonly tag: number;
  readonly chunks: readonly SctpChunk[];
  /** CRC-32C, read as a number in little-endian order, as it is sent (RFC 9260 appendix A). */
  readonly checksum: Checksum;
}

export function sctp(fields: Fields<Sctp, 'source' | 'destination' | 'chunks'>): Sctp {
  return { layer: 'sctp', tag: 0, checksum: 'right', ...fields };
}

export function encodeSctp(layer: Sctp): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(layer.source, 0);
  header.writeUInt16BE(layer.destination, 2);
  header.writeUInt32BE(layer.tag, 4);
  const packet = Buffer.concat([header, ...layer.chunks.map(encodeSctpChunk)]);
  packet.writeUInt32LE(checksumField(layer.checksum, crc32c(packet)), 8);
  return packet;
}

export function decodeSctp(bytes: Buffer, surroundings: Surroundings): Decoded | undefined {
  if (bytes.length < 12) return undefined;
  const packet = Buffer.from(bytes);
  const field = packet.readUInt32LE(8);
  packet.writeUInt32LE(0, 8);
  return {
    layer: {
      layer: 'sctp',
      source: packet.readUInt16BE(0),
      destination: packet.readUInt16BE(2),
      tag: packet.readUInt32BE(4),
      chunks: decodeSctpChunks(packet.subarray(12)),
      checksum: judgeChecksum(field, crc32c(packet), surroundings.whole),
    },
    payload: bytes.subarray(bytes.length),
    next: { as: 'data' },
    surroundings,
  };
}
