import type { Decoded, Surroundings } from './codec.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/**
 * An extension header of the common form (RFC 8200 sections 4.3, 4.4, 4.6). Pseudo headers take the destination of the IPv6
 * header, so checksums behind a routing header with segments left are `wrong`.
 */
export interface Ipv6Extension {
  readonly layer: 'hop-by-hop' | 'destination-options' | 'routing';
  /** Hexadecimal: what comes after next header and length, 6 bytes more than a multiple of 8. */
  readonly body: string;
  readonly protocol?: number;
}

/** One PadN option. */
const PADDING = '010400000000';

export function hopByHop(fields: Fields<Ipv6Extension> = {}): Ipv6Extension {
  return { layer: 'hop-by-hop', body: PADDING, ...fields };
}

export function destinationOptions(fields: Fields<Ipv6Extension> = {}): Ipv6Extension {
  return { layer: 'destination-options', body: PADDING, ...fields };
}

export function routing(fields: Fields<Ipv6Extension, 'body'>): Ipv6Extension {
  return { layer: 'routing', ...fields };
}

export function encodeIpv6Extension(layer: Ipv6Extension, payload: Buffer, next: Layer | undefined): Buffer {
  const body = Buffer.from(layer.body, 'hex');
  if (body.length % 8 !== 6) throw new Error(`the body of ${layer.layer} has 6, 14, 22 ... bytes`);
  const head = Uint8Array.of(announced(layer, 'protocol', next), (body.length - 6) / 8);
  return Buffer.concat([head, body, payload]);
}

export function decodeIpv6Extension(
  kind: Ipv6Extension['layer'],
  bytes: Buffer,
  surroundings: Surroundings,
): Decoded | undefined {
  if (bytes.length < 8) return undefined;
  const end = 8 + bytes.readUInt8(1) * 8;
  if (end > bytes.length) return undefined;
  const protocol = bytes.readUInt8(0);
  return {
    layer: { layer: kind, body: bytes.toString('hex', 2, end), protocol },
    payload: bytes.subarray(end),
    next: { as: 'protocol', number: protocol },
    surroundings,
  };
}
