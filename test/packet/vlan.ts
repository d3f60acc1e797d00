import type { Decoded, Surroundings } from './codec.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/** The tag of IEEE 802.1Q. The header before it says type 0x8100 unless told otherwise (0x88a8 for 802.1ad). */
export interface Vlan {
  readonly layer: 'vlan';
  /** 0 to 4095. */
  readonly id: number;
  /** 0 to 7. */
  readonly priority: number;
  readonly dropEligible: boolean;
  readonly type?: number;
}

export function vlan(fields: Fields<Vlan, 'id'>): Vlan {
  return { layer: 'vlan', priority: 0, dropEligible: false, ...fields };
}

export function encodeVlan(layer: Vlan, payload: Buffer, next: Layer | undefined): Buffer {
  const tag = Buffer.alloc(4);
  tag.writeUInt16BE((layer.priority << 13) | (layer.dropEligible ? 0x1000 : 0) | layer.id, 0);
  tag.writeUInt16BE(announced(layer, 'type', next), 2);
  return Buffer.concat([tag, payload]);
}

export function decodeVlan(bytes: Buffer, surroundings: Surroundings): Decoded | undefined {
  if (bytes.length < 4) return undefined;
  const tag = bytes.readUInt16BE(0);
  const type = bytes.readUInt16BE(2);
  return {
    layer: {
      layer: 'vlan',
      id: tag & 0xfff,
      priority: tag >> 13,
      dropEligible: (tag & 0x1000) !== 0,
      type,
    },
    payload: bytes.subarray(4),
    next: { as: 'ether-type', number: type },
    surroundings,
  };
}
