/** By number: RFC 9260 section 3.2. */
const TYPES = [
  'data',
  'init',
  'init-ack',
  'sack',
  'heartbeat',
  'heartbeat-ack',
  'abort',
  'shutdown',
  'shutdown-ack',
  'error',
  'cookie-echo',
  'cookie-ack',
  'ecn-echo',
  'cwr',
  'shutdown-complete',
] as const;

type Plain = Exclude<(typeof TYPES)[number], 'data' | 'init' | 'init-ack'>;

export type SctpChunk = SctpData | SctpInit | SctpPlainChunk | SctpRest;

/** RFC 9260 section 3.3.1. */
export interface SctpData {
  readonly type: 'data';
  /** 1 end, 2 beginning, 4 unordered, 8 immediate. */
  readonly flags: number;
  readonly tsn: number;
  readonly stream: number;
  readonly sequence: number;
  readonly protocol: number;
  readonly hex: string;
}

/** RFC 9260 sections 3.3.2 and 3.3.3. */
export interface SctpInit {
  readonly type: 'init' | 'init-ack';
  readonly flags: number;
  readonly tag: number;
  readonly window: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  readonly tsn: number;
  /** Hexadecimal. */
  readonly parameters: string;
}

/** A chunk whose value is not taken apart; a number for types that RFC 9260 does not have. */
export interface SctpPlainChunk {
  readonly type: Plain | number;
  readonly flags: number;
  readonly hex: string;
}

/** Bytes that are no whole, zero-padded chunk. */
export interface SctpRest {
  readonly type: 'rest';
  readonly hex: string;
}

export function sctpData(fields: Partial<Omit<SctpData, 'type'>> = {}): SctpData {
  return { type: 'data', flags: 3, tsn: 1, stream: 0, sequence: 0, protocol: 0, hex: '', ...fields };
}

export function sctpInit(type: SctpInit['type'], fields: Partial<Omit<SctpInit, 'type'>> = {}): SctpInit {
  const streams = { outboundStreams: 10, inboundStreams: 10 };
  return { type, flags: 0, tag: 1, window: 65536, ...streams, tsn: 1, parameters: '', ...fields };
}

/** A chunk of any other type, such as `cookie-echo` or `abort`. */
export function sctpChunk(type: Plain | number, hex = '', flags = 0): SctpPlainChunk {
  return { type, flags, hex };
}

export function encodeSctpChunk(chunk: SctpChunk): Buffer {
  if (chunk.type === 'rest') return Buffer.from(chunk.hex, 'hex');
  const value = encodeValue(chunk);
  const head = Buffer.alloc(4);
  head.writeUInt8(typeof chunk.type === 'number' ? chunk.type : TYPES.indexOf(chunk.type), 0);
  head.writeUInt8(chunk.flags, 1);
  head.writeUInt16BE(4 + value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}

export function decodeSctpChunks(bytes: Buffer): readonly SctpChunk[] {
  const chunks: SctpChunk[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt16BE(at + 2);
    const end = at + length + (-length & 3);
    const padding = bytes.subarray(at + length, end);
    if (length < 4 || end > bytes.length || padding.some((byte) => byte !== 0)) break;
    chunks.push(
      decodeValue(bytes.readUInt8(at), bytes.readUInt8(at + 1), bytes.subarray(at + 4, at + length)),
    );
    at = end;
  }
  return at < bytes.length ? [...chunks, { type: 'rest', hex: bytes.toString('hex', at) }] : chunks;
}

function encodeValue(chunk: SctpData | SctpInit | SctpPlainChunk): Buffer {
  if (!('tsn' in chunk)) return Buffer.from(chunk.hex, 'hex');
  const head = Buffer.alloc(chunk.type === 'data' ? 12 : 16);
  if (chunk.type === 'data') {
    head.writeUInt32BE(chunk.tsn, 0);
    head.writeUInt16BE(chunk.stream, 4);
    head.writeUInt16BE(chunk.sequence, 6);
    head.writeUInt32BE(chunk.protocol, 8);
    return Buffer.concat([head, Buffer.from(chunk.hex, 'hex')]);
  }
  head.writeUInt32BE(chunk.tag, 0);
  head.writeUInt32BE(chunk.window, 4);
  head.writeUInt16BE(chunk.outboundStreams, 8);
  head.writeUInt16BE(chunk.inboundStreams, 10);
  head.writeUInt32BE(chunk.tsn, 12);
  return Buffer.concat([head, Buffer.from(chunk.parameters, 'hex')]);
}

function decodeValue(number: number, flags: number, value: Buffer): SctpChunk {
  const type = TYPES[number];
  if (type === 'data' && value.length >= 12) {
    return {
      type,
      flags,
      tsn: value.readUInt32BE(0),
      stream: value.readUInt16BE(4),
      sequence: value.readUInt16BE(6),
      protocol: value.readUInt32BE(8),
      hex: value.toString('hex', 12),
    };
  }
  if ((type === 'init' || type === 'init-ack') && value.length >= 16) {
    return {
      type,
      flags,
      tag: value.readUInt32BE(0),
      window: value.readUInt32BE(4),
      outboundStreams: value.readUInt16BE(8),
      inboundStreams: value.readUInt16BE(10),
      tsn: value.readUInt32BE(12),
      parameters: value.toString('hex', 16),
    };
  }
  const plain = type === 'data' || type === 'init' || type === 'init-ack' ? undefined : type;
  return { type: plain ?? number, flags, hex: value.toString('hex') };
}
