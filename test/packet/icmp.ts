import {
  type Checksum,
  checksumField,
  internetChecksum,
  judgeChecksum,
  onesComplementSum,
  pseudoHeader,
} from './checksum.ts';
import type { Decoded, Next, Surroundings } from './codec.ts';
import { PROTOCOLS } from './number.ts';

/** RFC 792, and RFC 4443 for `icmpv6`. What an error quotes is the next layer, an IP header. */
export interface Icmp {
  readonly layer: 'icmp' | 'icmpv6';
  readonly type: number;
  readonly code: number;
  /** Bytes 4 to 7: of an echo identifier and sequence number, of "too big" the MTU. */
  readonly word: number;
  readonly checksum: Checksum;
}

export function icmp(type: number, code = 0, word = 0): Icmp {
  return { layer: 'icmp', type, code, word, checksum: 'right' };
}

export function icmpv6(type: number, code = 0, word = 0): Icmp {
  return { layer: 'icmpv6', type, code, word, checksum: 'right' };
}

/** Types that quote a packet: unreachable, source quench, redirect, time exceeded, parameter problem. */
const QUOTING = [3, 4, 5, 11, 12];
/** Unreachable, too big, time exceeded, parameter problem. */
const QUOTING_V6 = [1, 2, 3, 4];

export function encodeIcmp(layer: Icmp, payload: Buffer, { addresses }: Surroundings): Buffer {
  const header = Buffer.of(layer.type, layer.code, 0, 0, 0, 0, 0, 0);
  header.writeUInt32BE(layer.word, 4);
  const message = Buffer.concat([header, payload]);
  const pseudo = pseudoOf(layer.layer, addresses, message.length);
  const right = internetChecksum(pseudo, message);
  message.writeUInt16BE(checksumField(layer.checksum, right, onesComplementSum(pseudo)), 2);
  return message;
}

export function decodeIcmp(
  kind: Icmp['layer'],
  bytes: Buffer,
  surroundings: Surroundings,
): Decoded | undefined {
  if (bytes.length < 8) return undefined;
  const message = Buffer.from(bytes);
  const field = message.readUInt16BE(2);
  message.writeUInt16BE(0, 2);
  const pseudo = pseudoOf(kind, surroundings.addresses, message.length);
  const partial = kind === 'icmpv6' ? onesComplementSum(pseudo) : undefined;
  const type = bytes.readUInt8(0);
  return {
    layer: {
      layer: kind,
      type,
      code: bytes.readUInt8(1),
      word: bytes.readUInt32BE(4),
      checksum: judgeChecksum(field, internetChecksum(pseudo, message), surroundings.whole, partial),
    },
    payload: bytes.subarray(8),
    next: quoted(kind, type),
    surroundings,
  };
}

function quoted(kind: Icmp['layer'], type: number): Next {
  if (kind === 'icmp' && QUOTING.includes(type)) return { as: 'ether-type', number: 0x0800 };
  if (kind === 'icmpv6' && QUOTING_V6.includes(type)) return { as: 'ether-type', number: 0x86dd };
  return { as: 'data' };
}

function pseudoOf(kind: Icmp['layer'], addresses: Buffer | undefined, length: number): Buffer {
  return kind === 'icmp' ? Buffer.alloc(0) : pseudoHeader(addresses, PROTOCOLS.icmpv6, length);
}
