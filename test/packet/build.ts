import type { Surroundings } from './codec.ts';
import { encodeEthernet } from './ethernet.ts';
import { encodeGre } from './gre.ts';
import { encodeGue } from './gue.ts';
import { encodeIcmp } from './icmp.ts';
import { addressPair } from './ip-address.ts';
import { encodeIpv4 } from './ipv4.ts';
import { encodeIpv6 } from './ipv6.ts';
import { encodeIpv6Extension } from './ipv6-extension.ts';
import { encodeIpv6Fragment } from './ipv6-fragment.ts';
import type { Layer } from './layer.ts';
import { encodePorts } from './ports.ts';
import { encodeSctp } from './sctp.ts';
import { encodeTcp } from './tcp.ts';
import { encodeUdp } from './udp.ts';
import { encodeVlan } from './vlan.ts';

/**
 * The bytes of a packet, from its outermost header on: a whole frame where that is `ethernet`. Lengths, checksums and the
 * numbers of next headers are right unless the layers say otherwise. Throws where a header needs something that it was not given.
 */
export function build(layers: readonly Layer[]): Buffer {
  return buildInside(layers, { addresses: undefined, whole: true });
}

/** {@link build} of what lies in headers that are built elsewhere. */
export function buildInside(layers: readonly Layer[], surroundings: Surroundings): Buffer {
  const [layer, ...inner] = layers;
  if (layer === undefined) return Buffer.alloc(0);
  return encode(layer, buildInside(inner, surroundingsOf(layer, surroundings)), inner[0], surroundings);
}

/** Of what lies in `layer`. */
export function surroundingsOf(layer: Layer, around: Surroundings): Surroundings {
  if (layer.layer !== 'ipv4' && layer.layer !== 'ipv6') return around;
  return {
    ...around,
    addresses: addressPair(layer.source, layer.destination, layer.layer === 'ipv4' ? 4 : 16),
  };
}

function encode(layer: Layer, payload: Buffer, next: Layer | undefined, around: Surroundings): Buffer {
  switch (layer.layer) {
    case 'ethernet':
      return encodeEthernet(layer, payload, next);
    case 'vlan':
      return encodeVlan(layer, payload, next);
    case 'ipv4':
      return encodeIpv4(layer, payload, next);
    case 'ipv6':
      return encodeIpv6(layer, payload, next);
    case 'hop-by-hop':
    case 'destination-options':
    case 'routing':
      return encodeIpv6Extension(layer, payload, next);
    case 'fragment':
      return encodeIpv6Fragment(layer, payload, next);
    case 'tcp':
      return encodeTcp(layer, payload, around);
    case 'udp':
      return encodeUdp(layer, payload, around);
    case 'icmp':
    case 'icmpv6':
      return encodeIcmp(layer, payload, around);
    case 'gue':
      return encodeGue(layer, payload, next);
    case 'gre':
      return encodeGre(layer, payload, next);
    case 'sctp':
      return innermost(layer, encodeSctp(layer), next);
    case 'ports':
      return innermost(layer, encodePorts(layer), next);
    case 'data':
      return innermost(layer, Buffer.from(layer.hex, 'hex'), next);
    default:
      throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
  }
}

function innermost(layer: Layer, bytes: Buffer, next: Layer | undefined): Buffer {
  if (next !== undefined) throw new Error(`nothing lies in ${layer.layer}, but ${next.layer} was to`);
  return bytes;
}
