import { addressFromBytes, type IpAddress } from '../../model/address.ts';
import { describeIcmpError } from '../describe-icmp-error.ts';
import { decodeIpPacket, type IpHeader } from './ip-packet.ts';
import { decodeTcpSegment, IPPROTO_TCP, TCP_ACK, TCP_RST, TCP_SYN } from './tcp-segment.ts';

/** The SYN that was sent. */
export interface SentSegment {
  /** Inside a tunnel: of the inner packet. 4 or 16 bytes. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 32 bits. */
  readonly sequence: number;
  /**
   * The packet around it, where there is one: its destination, 4 or 16 bytes, and IPPROTO_ number. GUE's comes from
   * `sourcePort`.
   */
  readonly outer?: { readonly destination: Uint8Array; readonly protocol: number };
}

/** What came for a SYN. */
export type PathAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused' }
  /** An ICMP error about the segment, or about the tunnel around it. */
  | {
      readonly kind: 'unreachable';
      readonly about: 'segment' | 'tunnel';
      readonly text: string;
      readonly from: IpAddress;
    }
  /** The packet was passed on by as many routers as it may. */
  | { readonly kind: 'expired'; readonly from: IpAddress };

const ICMP = 1;
const IPPROTO_UDP = 17;
const ICMPV6 = 58;
/** ICMP's and ICMPv6's header before what they quote. */
const ICMP_HEADER_BYTES = 8;

/** What a packet says of a SYN; undefined where it is about something else. */
export function readPathAnswer(packet: Uint8Array, sent: SentSegment): PathAnswer | undefined {
  const ip = decodeIpPacket(packet);
  if (ip === undefined) return undefined;
  if (ip.protocol === IPPROTO_TCP) return readSegment(ip, sent);
  if (ip.protocol === (ip.source.length === 16 ? ICMPV6 : ICMP)) return readError(ip, sent);
  return undefined;
}

function readSegment(ip: IpHeader, sent: SentSegment): PathAnswer | undefined {
  const segment = decodeTcpSegment(ip.payload);
  if (segment === undefined || !same(ip.source, sent.destination)) return undefined;
  if (segment.sourcePort !== sent.destinationPort || segment.destinationPort !== sent.sourcePort)
    return undefined;
  // An answer to something older has another number (RFC 9293 section 3.10.7.3).
  if ((segment.flags & TCP_ACK) === 0 || segment.acknowledgement !== (sent.sequence + 1) >>> 0)
    return undefined;
  if ((segment.flags & TCP_RST) !== 0) return { kind: 'refused' };
  return (segment.flags & TCP_SYN) !== 0 ? { kind: 'accepted' } : undefined;
}

function readError(ip: IpHeader, sent: SentSegment): PathAnswer | undefined {
  const quoted = decodeIpPacket(ip.payload.subarray(ICMP_HEADER_BYTES));
  if (quoted === undefined || !isOf(quoted, sent)) return undefined;
  const [type = 0, code = 0] = ip.payload;
  const family = ip.source.length === 16 ? 'inet6' : 'inet';
  const from = addressFromBytes(ip.source);
  const text = describeIcmpError(family, type, code);
  if (text === undefined) return undefined;
  const expired = type === (family === 'inet' ? 11 : 3) && code === 0;
  const about = quoted.protocol === IPPROTO_TCP ? 'segment' : 'tunnel';
  // What is around the segment has far to go.
  if (expired && about === 'segment') return { kind: 'expired', from };
  return { kind: 'unreachable', about, text, from };
}

/** Whether a quoted packet is the SYN, or what was around it. */
function isOf(quoted: IpHeader, sent: SentSegment): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = quoted.payload;
  const source = (a << 8) | b;
  if (quoted.protocol === IPPROTO_TCP)
    return (
      same(quoted.destination, sent.destination) &&
      source === sent.sourcePort &&
      ((c << 8) | d) === sent.destinationPort
    );
  return (
    quoted.protocol === sent.outer?.protocol &&
    same(quoted.destination, sent.outer.destination) &&
    (quoted.protocol !== IPPROTO_UDP || source === sent.sourcePort)
  );
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
