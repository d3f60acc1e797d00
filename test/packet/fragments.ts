import { build, buildInside, surroundingsOf } from './build.ts';
import { data } from './data.ts';
import { ipv6Fragment } from './ipv6-fragment.ts';
import type { Layer } from './layer.ts';
import { announced } from './number.ts';

export interface Fragmentation {
  /** Bytes of payload in each fragment but the last; a multiple of 8. */
  readonly size: number;
  readonly id: number;
}

/** The fragments of a packet, cut at its outermost IP header, in order. Checksums are those of the whole. */
export function fragments(layers: readonly Layer[], { size, id }: Fragmentation): Buffer[] {
  const at = layers.findIndex(({ layer }) => layer === 'ipv4' || layer === 'ipv6');
  const ip = layers[at];
  const outer = layers.slice(0, at);
  const inner = layers.slice(at + 1);
  if (ip?.layer !== 'ipv4' && ip?.layer !== 'ipv6') throw new Error('there is no IP header to cut at');
  const payload = buildInside(inner, surroundingsOf(ip, { addresses: undefined, whole: true }));
  const protocol = announced(ip, 'protocol', inner[0]);
  const offsets = Array.from({ length: Math.ceil(payload.length / size) }, (_, index) => index * size);
  return offsets.map((offset) => {
    const more = offset + size < payload.length;
    const headers: Layer[] =
      ip.layer === 'ipv4'
        ? [{ ...ip, id, mf: more, fragmentOffset: offset, protocol }]
        : [ip, ipv6Fragment({ id, more, offset, protocol })];
    return build([...outer, ...headers, data(payload.subarray(offset, offset + size))]);
  });
}
