import { addressesAt } from './addresses-at.ts';
import { readSequence } from './read-sequence.ts';
import { SEQUENCE_BYTES, SYNC_FLAGS, type SyncRecord, V0_RECORD_BYTES } from './sync-record.ts';

/** The record at an offset, with its length; undefined where it does not fit. */
export function decodeRecordV0(
  view: DataView,
  offset: number,
): { readonly record: SyncRecord; readonly length: number } | undefined {
  if (offset + V0_RECORD_BYTES > view.byteLength) return undefined;
  const flags = view.getUint16(offset + 20);
  const hasSequence = (flags & SYNC_FLAGS.sequence) !== 0;
  const length = V0_RECORD_BYTES + (hasSequence ? SEQUENCE_BYTES : 0);
  if (offset + length > view.byteLength) return undefined;
  const record: SyncRecord = {
    protocol: view.getUint8(offset + 1),
    clientPort: view.getUint16(offset + 2),
    virtualPort: view.getUint16(offset + 4),
    destinationPort: view.getUint16(offset + 6),
    ...addressesAt(view, offset + 8, 4),
    fwmark: 0,
    flags,
    state: view.getUint16(offset + 22),
    timeout: 0,
    // The sender's byte order: that of every machine that vipr runs on.
    ...(hasSequence && { sequence: readSequence(view, offset + V0_RECORD_BYTES, true) }),
  };
  return { record, length };
}
