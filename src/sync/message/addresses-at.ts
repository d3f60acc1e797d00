import { rememberedAddress } from './address-memory.ts';
import type { SyncRecord } from './sync-record.ts';

/** Three addresses of `each` bytes that follow one another: client, virtual, destination. */
export function addressesAt(
  view: DataView,
  offset: number,
  each: number,
): Pick<SyncRecord, 'clientAddress' | 'virtualAddress' | 'destinationAddress'> {
  const at = (index: number) =>
    rememberedAddress(new Uint8Array(view.buffer, view.byteOffset + offset + index * each, each));
  return { clientAddress: at(0), virtualAddress: at(1), destinationAddress: at(2) };
}
