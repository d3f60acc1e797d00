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
import { decodeTcpOptions, encodeTcpOptions, type TcpOption } from './tcp-option.ts';

/** In the order of their bits, lowest first. */
const FLAGS = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'] as const;
export type TcpFlag = (typeof FLAGS)[number];

/** RFC 9293 section 3.1. */
export interface Tcp {
  readonly layer: 'tcp';
  readonly source: number;
  readonly destination: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** Lowest bit first: fin, syn, rst, psh, ack, urg, ece, cwr. */
  readonly flags: readonly TcpFlag[];
  readonly window: number;
  readonly urgent: number;
  readonly options: readonly TcpOption[];
  readonly checksum: Checksum;
  /** The four bits behind the data offset, where not 0. */
  readonly reserved?: number;
}

export function tcp(fields: Fields<Tcp, 'source' | 'destination' | 'flags'>): Tcp {
  return {
    layer: 'tcp',
    sequence: 0,
    acknowledgement: 0,
    window: 65535,
    urgent: 0,
    options: [],
    checksum: 'right',
    ...fields,
    flags: FLAGS.filter((flag) => fields.flags.includes(flag)),
  };
}

export function encodeTcp(layer: Tcp, payload: Buffer, { addresses }: Surroundings): Buffer {
  const options = encodeTcpOptions(layer.options);
  if (options.length > 40) throw new Error('TCP options have at most 40 bytes');
  const header = Buffer.alloc(20);
  header.writeUInt16BE(layer.source, 0);
  header.writeUInt16BE(layer.destination, 2);
  header.writeUInt32BE(layer.sequence, 4);
  header.writeUInt32BE(layer.acknowledgement, 8);
  header.writeUInt8(((5 + options.length / 4) << 4) | (layer.reserved ?? 0), 12);
  header.writeUInt8(
    layer.flags.reduce((bits, flag) => bits | (1 << FLAGS.indexOf(flag)), 0),
    13,
  );
  header.writeUInt16BE(layer.window, 14);
  header.writeUInt16BE(layer.urgent, 18);
  const segment = Buffer.concat([header, options, payload]);
  const pseudo = pseudoHeader(addresses, PROTOCOLS.tcp, segment.length);
  const right = internetChecksum(pseudo, segment);
  segment.writeUInt16BE(checksumField(layer.checksum, right, onesComplementSum(pseudo)), 16);
  return segment;
}

export function decodeTcp(bytes: Buffer, surroundings: Surroundings): Decoded | undefined {
  if (bytes.length < 20) return undefined;
  const headerLength = (bytes.readUInt8(12) >> 4) * 4;
  if (headerLength < 20 || headerLength > bytes.length) return undefined;
  const segment = Buffer.from(bytes);
  const field = segment.readUInt16BE(16);
  segment.writeUInt16BE(0, 16);
  const pseudo = pseudoHeader(surroundings.addresses, PROTOCOLS.tcp, segment.length);
  const right = internetChecksum(pseudo, segment);
  const reserved = bytes.readUInt8(12) & 0xf;
  return {
    layer: {
      layer: 'tcp',
      source: bytes.readUInt16BE(0),
      destination: bytes.readUInt16BE(2),
      sequence: bytes.readUInt32BE(4),
      acknowledgement: bytes.readUInt32BE(8),
      flags: FLAGS.filter((_, bit) => (bytes.readUInt8(13) >> bit) & 1),
      window: bytes.readUInt16BE(14),
      urgent: bytes.readUInt16BE(18),
      options: decodeTcpOptions(bytes.subarray(20, headerLength)),
      checksum: judgeChecksum(field, right, surroundings.whole, onesComplementSum(pseudo)),
      ...(reserved ? { reserved } : {}),
    },
    payload: bytes.subarray(headerLength),
    next: { as: 'data' },
    surroundings,
  };
}
