import type { Decoded, Next, Surroundings } from './codec.ts';
import { decodeEthernet } from './ethernet.ts';
import { decodeGre } from './gre.ts';
import { decodeGue } from './gue.ts';
import { decodeIcmp } from './icmp.ts';
import { decodeIpv4 } from './ipv4.ts';
import { decodeIpv6 } from './ipv6.ts';
import { decodeIpv6Extension } from './ipv6-extension.ts';
import { decodeIpv6Fragment } from './ipv6-fragment.ts';
import type { Layer } from './layer.ts';
import { PROTOCOLS, withoutImplied } from './number.ts';
import { decodePorts } from './ports.ts';
import { decodeSctp } from './sctp.ts';
import { decodeTcp } from './tcp.ts';
import { decodeUdp } from './udp.ts';
import { decodeVlan } from './vlan.ts';

export interface ParseOptions {
  /** UDP destination ports whose datagrams are GUE; 6080 unless given. */
  readonly guePorts?: readonly number[];
}

/**
 * The layers of an Ethernet frame, through tunnels and into what ICMP errors quote, with a verdict on every checksum. What
 * cannot be read is `data`, so any bytes can be parsed, and `build` of the result gives the same bytes.
 */
export function parse(frame: Uint8Array, options: ParseOptions = {}): Layer[] {
  return parseAs({ as: 'ethernet' }, frame, options);
}

/** {@link parse} of a packet without a link-layer header: it begins with an IPv4 or IPv6 header. */
export function parsePacket(packet: Uint8Array, options: ParseOptions = {}): Layer[] {
  const number = (packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800;
  return parseAs({ as: 'ether-type', number }, packet, options);
}

function parseAs(first: Next, content: Uint8Array, { guePorts = [6080] }: ParseOptions): Layer[] {
  const layers: Layer[] = [];
  let next = first;
  let bytes: Buffer = Buffer.from(content);
  let surroundings: Surroundings = { addresses: undefined, whole: true };
  while (bytes.length > 0) {
    const decoded = decode(next, bytes, surroundings, guePorts);
    if (decoded === undefined) {
      layers.push({ layer: 'data', hex: bytes.toString('hex') });
      break;
    }
    layers.push(decoded.layer);
    ({ payload: bytes, next, surroundings } = decoded);
  }
  return layers.map((layer, index) => withoutImplied(layer, layers[index + 1]));
}

function decode(
  next: Next,
  bytes: Buffer,
  around: Surroundings,
  guePorts: readonly number[],
): Decoded | undefined {
  if (next.as === 'ethernet') return decodeEthernet(bytes);
  if (next.as === 'gue') return decodeGue(bytes, around);
  if (next.as === 'ether-type') return decodeEtherType(next.number, bytes, around);
  if (next.as === 'protocol') return decodeProtocol(next.number, bytes, around, guePorts);
  return undefined;
}

function decodeEtherType(type: number, bytes: Buffer, around: Surroundings): Decoded | undefined {
  if (type === 0x0800) return decodeIpv4(bytes, around);
  if (type === 0x86dd) return decodeIpv6(bytes, around);
  return type === 0x8100 || type === 0x88a8 ? decodeVlan(bytes, around) : undefined;
}

function decodeProtocol(
  protocol: number,
  bytes: Buffer,
  around: Surroundings,
  guePorts: readonly number[],
): Decoded | undefined {
  switch (protocol) {
    case PROTOCOLS.ipv4:
      return decodeIpv4(bytes, around);
    case PROTOCOLS.ipv6:
      return decodeIpv6(bytes, around);
    case PROTOCOLS['hop-by-hop']:
      return decodeIpv6Extension('hop-by-hop', bytes, around);
    case PROTOCOLS['destination-options']:
      return decodeIpv6Extension('destination-options', bytes, around);
    case PROTOCOLS.routing:
      return decodeIpv6Extension('routing', bytes, around);
    case PROTOCOLS.fragment:
      return decodeIpv6Fragment(bytes, around);
    case PROTOCOLS.gre:
      return decodeGre(bytes, around);
    case PROTOCOLS.icmp:
      return decodeIcmp('icmp', bytes, around);
    case PROTOCOLS.icmpv6:
      return decodeIcmp('icmpv6', bytes, around);
    case PROTOCOLS.tcp:
      return decodeTcp(bytes, around) ?? decodePorts(bytes, around);
    case PROTOCOLS.udp:
      return decodeUdp(bytes, around, guePorts) ?? decodePorts(bytes, around);
    case PROTOCOLS.sctp:
      return decodeSctp(bytes, around) ?? decodePorts(bytes, around);
    default:
      return undefined;
  }
}
