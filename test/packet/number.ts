import type { Layer, LayerKind } from './layer.ts';

/** EtherTypes: RFC 894, RFC 2464, IEEE 802.1Q. */
export const ETHER_TYPES: Partial<Readonly<Record<LayerKind, number>>> = {
  ipv4: 0x0800,
  ipv6: 0x86dd,
  vlan: 0x8100,
};

/** The IANA's "Assigned Internet Protocol Numbers". */
export const PROTOCOLS = {
  'hop-by-hop': 0,
  icmp: 1,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  icmpv6: 58,
  'destination-options': 60,
  sctp: 132,
} as const satisfies Partial<Record<LayerKind, number>>;

/** The number by which a header announces `next`: the one it names itself, or the usual one. Throws where there is neither. */
export function announced(
  layer: { readonly layer: string; readonly type?: number; readonly protocol?: number },
  field: 'type' | 'protocol',
  next: Layer | undefined,
): number {
  const number = layer[field] ?? implied(field, next);
  if (number !== undefined) return number;
  throw new Error(`${layer.layer} before ${next?.layer ?? 'nothing'} has to say its ${field}`);
}

/** The layer without the number that follows from the next one. */
export function withoutImplied(layer: Layer, next: Layer | undefined): Layer {
  if (layer.layer === 'ethernet' || layer.layer === 'vlan' || layer.layer === 'gre') {
    const { type, ...rest } = layer;
    return type === implied('type', next) ? rest : layer;
  }
  if ('protocol' in layer) {
    const { protocol, ...rest } = layer;
    return protocol === implied('protocol', next) ? rest : layer;
  }
  return layer;
}

function implied(field: 'type' | 'protocol', next: Layer | undefined): number | undefined {
  if (next === undefined) return undefined;
  const numbers: Partial<Record<LayerKind, number>> = field === 'type' ? ETHER_TYPES : PROTOCOLS;
  return numbers[next.layer];
}
