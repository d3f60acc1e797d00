import dnsPacket from 'dns-packet';
import type { DnsProbe } from '../../model/check.ts';

/** A query for one record, in bytes. */
export interface DnsQuery {
  readonly bytes: Uint8Array;
  /** Of `bytes`: where its question ends. */
  readonly end: number;
}

/** What a datagram is as an answer to a query. */
export type DnsAnswer =
  | { readonly kind: 'answer'; readonly rcode: string; readonly records: number; readonly truncated: boolean }
  /** It belongs to another query, or is none. */
  | { readonly kind: 'other' };

/** Header of a message (RFC 1035 section 4.1.1). */
const HEADER_BYTES = 12;
const MAX_NAME_BYTES = 255;
const MAX_LABEL_BYTES = 63;

/**
 * A recursive query (RFC 1035 section 4). Returns what is wrong where the type or the name cannot be asked for. A type
 * without a name is written `TYPE65` (RFC 3597 section 5).
 *
 * @param id 16 bits
 */
export function encodeDnsQuery(
  { type, name }: Pick<DnsProbe, 'type' | 'name'>,
  id: number,
): DnsQuery | string {
  const labels = name.replace(/\.$/, '').split('.');
  if (name !== '' && name !== '.') {
    if (labels.includes('')) return `${name} is no domain name: a part of it is empty`;
    if (labels.some((label) => Buffer.byteLength(label) > MAX_LABEL_BYTES))
      return `${name} is no domain name: a part of it has more than ${MAX_LABEL_BYTES} bytes`;
    if (Buffer.byteLength(name) > MAX_NAME_BYTES - 2) return `${name} is no domain name: it is too long`;
  }
  const bytes = dnsPacket.encode({
    type: 'query',
    id,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [
      { type: type.replace(/^TYPE(?=\d+$)/, 'UNKNOWN_') as dnsPacket.RecordType, name: name || '.' },
    ],
  });
  // The type stands four bytes before the end; an unknown one becomes 0.
  if (bytes.readUInt16BE(bytes.length - 4) === 0) return `${type} is no type of DNS records`;
  return { bytes, end: bytes.length };
}

/**
 * Reads what has to be known of an answer: that it is one to this query, and its result. Records are counted, not read: an
 * answer that was cut is one, too.
 */
export function decodeDnsAnswer(datagram: Uint8Array, { bytes: query, end }: DnsQuery): DnsAnswer {
  if (datagram.length < HEADER_BYTES) return { kind: 'other' };
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const flags = view.getUint16(2);
  const rcode = flags & 0x0f;
  const isAnswer = (flags & 0x8000) !== 0 && datagram[0] === query[0] && datagram[1] === query[1];
  if (!isAnswer) return { kind: 'other' };
  // Servers that do not understand a query send no question back.
  const questions = view.getUint16(4);
  if (!(questions === 1 && sameQuestion(datagram, query, end)) && !(questions === 0 && rcode !== 0))
    return { kind: 'other' };
  return {
    kind: 'answer',
    rcode: RCODES[rcode] ?? `RCODE${rcode}`,
    records: view.getUint16(6),
    truncated: (flags & 0x0200) !== 0,
  };
}

/** Letters may come back in the other case (RFC 1035 section 2.3.3). */
function sameQuestion(datagram: Uint8Array, query: Uint8Array, end: number): boolean {
  if (datagram.length < end) return false;
  return query
    .subarray(HEADER_BYTES, end)
    .every((byte, index) => lowerCase(byte) === lowerCase(datagram[HEADER_BYTES + index] ?? 0));
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** RFC 1035 section 4.1.1, RFC 2136 section 2.2. */
const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
] as const;
