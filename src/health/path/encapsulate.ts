import type { Family } from '../../model/address.ts';
import type { Tunnel } from '../../model/destination.ts';
import { internetChecksum } from '../../system/internet-checksum.ts';
import { encodeIpPacket, pseudoHeader } from './ip-packet.ts';

/** The ends of a tunnel: 4 or 16 bytes each, of one family. */
export interface TunnelEnds {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

const IPPROTO_IPIP = 4;
const IPPROTO_UDP = 17;
const IPPROTO_IPV6 = 41;
const IPPROTO_GRE = 47;
const ETHERTYPE_IP = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** As the kernel's default (net.ipv4.ip_default_ttl). */
const HOP_LIMIT = 64;

/** The IPPROTO_ number in the outer header. */
export function tunnelProtocol(type: Tunnel['type'], inner: Family): number {
  if (type === 'gre') return IPPROTO_GRE;
  if (type === 'gue') return IPPROTO_UDP;
  return INNER_PROTOCOL[inner];
}

const INNER_PROTOCOL: Readonly<Record<Family, number>> = { inet: IPPROTO_IPIP, inet6: IPPROTO_IPV6 };

function familyOfPacket(packet: Uint8Array): Family {
  return (packet[0] ?? 0) >> 4 === 6 ? 'inet6' : 'inet';
}

/**
 * An IP packet in a tunnel as IPVS wraps it (net/netfilter/ipvs/ip_vs_xmit.c, ip_vs_tunnel_xmit): IP in IP, GUE, or GRE. A
 * GUE tunnel with remote checksums is sent with full ones, which every end takes.
 *
 * @param sourcePort of GUE's UDP header
 */
export function encapsulate(
  packet: Uint8Array,
  tunnel: Tunnel,
  ends: TunnelEnds,
  sourcePort: number,
): Uint8Array {
  const protocol = tunnelProtocol(tunnel.type, familyOfPacket(packet));
  const payload = wrap(packet, tunnel, ends, sourcePort);
  return encodeIpPacket({ ...ends, protocol, hopLimit: HOP_LIMIT, payload });
}

/** What stands behind the outer header. */
function wrap(packet: Uint8Array, tunnel: Tunnel, ends: TunnelEnds, sourcePort: number): Uint8Array {
  switch (tunnel.type) {
    case 'ipip':
      return packet;
    case 'gre':
      return wrapGre(packet, tunnel.checksum !== 'none');
    case 'gue':
      return wrapGue(packet, tunnel, ends, sourcePort);
  }
}

/** RFC 2784 section 2. */
function wrapGre(packet: Uint8Array, checksum: boolean): Uint8Array {
  const bytes = new Uint8Array((checksum ? 8 : 4) + packet.length);
  const view = new DataView(bytes.buffer);
  if (checksum) view.setUint16(0, 0x8000);
  view.setUint16(2, familyOfPacket(packet) === 'inet6' ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
  bytes.set(packet, bytes.length - packet.length);
  if (checksum) view.setUint16(4, internetChecksum(bytes));
  return bytes;
}

/** UDP, then a GUE header of variant 0 without fields (draft-ietf-intarea-gue section 3.1). */
function wrapGue(
  packet: Uint8Array,
  { port, checksum }: Tunnel,
  ends: TunnelEnds,
  sourcePort: number,
): Uint8Array {
  const bytes = new Uint8Array(12 + packet.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, port);
  view.setUint16(4, bytes.length);
  view.setUint8(9, INNER_PROTOCOL[familyOfPacket(packet)]);
  bytes.set(packet, 12);
  if (checksum !== 'none') {
    const pseudo = pseudoHeader({ ...ends, protocol: IPPROTO_UDP }, bytes.length);
    // 0 would say that there is none (RFC 768).
    view.setUint16(6, internetChecksum(pseudo, bytes) || 0xffff);
  }
  return bytes;
}
