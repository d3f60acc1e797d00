import { addressBytes, type IpAddress } from '../../../model/address.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import {
  FILTER_MULTIPLIER,
  FILTER_SERVER,
  FILTER_SHIFT,
  FILTER_SLOTS,
  FILTER_VIRTUAL,
} from '../layout.gen.ts';
import type { MapWriter } from './map-writer.ts';

/** What an address is to the data plane. */
export type AddressRole = 'virtual' | 'server';

const BIT: Readonly<Record<AddressRole, number>> = { virtual: FILTER_VIRTUAL, server: FILTER_SERVER };
const KEY = new Uint8Array(4);

/** The map `address_filter`: which hashes of addresses are those of services or masqueraded servers. */
export class AddressFilter {
  readonly #map: BpfMap;
  readonly #writer: MapWriter;
  readonly #bytes = new Uint8Array(FILTER_SLOTS);
  readonly #counts = { virtual: new Uint32Array(FILTER_SLOTS), server: new Uint32Array(FILTER_SLOTS) };
  #changed = true;

  constructor(map: BpfMap, writer: MapWriter) {
    this.#map = map;
    this.#writer = writer;
  }

  retain(address: IpAddress, role: AddressRole): void {
    const slot = filterSlot(address);
    this.#count(slot, role, (this.#counts[role][slot] ?? 0) + 1);
  }

  release(address: IpAddress, role: AddressRole): void {
    const slot = filterSlot(address);
    this.#count(slot, role, (this.#counts[role][slot] ?? 0) - 1);
  }

  flush(): void {
    if (!this.#changed) return;
    this.#changed = false;
    this.#writer.update(this.#map, KEY, this.#bytes, 1);
  }

  #count(slot: number, role: AddressRole, count: number): void {
    this.#counts[role][slot] = count;
    const before = this.#bytes[slot] ?? 0;
    const after = count > 0 ? before | BIT[role] : before & ~BIT[role];
    if (after === before) return;
    this.#bytes[slot] = after;
    this.#changed = true;
  }
}

/** As filter_slot() of bpf/filter.h: over the words as they lie in memory. */
export function filterSlot(address: IpAddress): number {
  const bytes = addressBytes(address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let folded = 0;
  for (let at = 0; at < bytes.length; at += 4) folded ^= view.getUint32(at, true);
  return Math.imul(folded, FILTER_MULTIPLIER) >>> FILTER_SHIFT;
}
