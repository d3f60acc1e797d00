import type { Decoded } from './codec.ts';
import type { Fields, Layer } from './layer.ts';
import { announced } from './number.ts';

/** IEEE 802.3 with an EtherType. */
export interface Ethernet {
  readonly layer: 'ethernet';
  /** Six octets in lower-case hexadecimal, parted by colons. */
  readonly destination: string;
  readonly source: string;
  readonly type?: number;
}

export function ethernet(fields: Fields<Ethernet> = {}): Ethernet {
  return { layer: 'ethernet', destination: '02:00:00:00:00:02', source: '02:00:00:00:00:01', ...fields };
}

export function encodeEthernet(layer: Ethernet, payload: Buffer, next: Layer | undefined): Buffer {
  const type = announced(layer, 'type', next);
  return Buffer.concat([
    macBytes(layer.destination),
    macBytes(layer.source),
    Uint8Array.of(type >> 8, type & 0xff),
    payload,
  ]);
}

export function decodeEthernet(bytes: Buffer): Decoded | undefined {
  if (bytes.length < 14) return undefined;
  const type = bytes.readUInt16BE(12);
  return {
    layer: {
      layer: 'ethernet',
      destination: macText(bytes.subarray(0, 6)),
      source: macText(bytes.subarray(6, 12)),
      type,
    },
    payload: bytes.subarray(14),
    next: { as: 'ether-type', number: type },
    surroundings: { addresses: undefined, whole: true },
  };
}

function macBytes(text: string): Buffer {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(text)) throw new Error(`${text} is no link-layer address`);
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}

function macText(bytes: Buffer): string {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}
