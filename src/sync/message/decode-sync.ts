import { decodeRecordV0 } from './decode-record-v0.ts';
import { decodeRecordV1 } from './decode-record-v1.ts';
import { readSyncMark } from './sync-mark.ts';
import { type SyncMessage, type SyncRecord, V0_HEADER_BYTES, V1_HEADER_BYTES } from './sync-record.ts';

/** Why a datagram, or the rest of one, was dropped. */
export type SyncRefusal = 'too-short' | 'length' | 'record';

/** What a datagram says, as far as it can be read. */
export interface DecodedSync extends SyncMessage {
  readonly version: 0 | 1;
  /** Records that a receiver has to skip: with an option that it does not know. */
  readonly skipped: number;
  /** Present where the datagram, or what follows the last record, cannot be read. */
  readonly refusal?: SyncRefusal;
}

/** Reads a datagram of either version as the kernel's backup does (ip_vs_sync.c, ip_vs_process_message). Never throws. */
export function decodeSync(datagram: Uint8Array): DecodedSync {
  const none = { version: 1, syncId: 0, records: [], skipped: 0 } as const;
  if (datagram.length < V0_HEADER_BYTES) return { ...none, refusal: 'too-short' };
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const syncId = view.getUint8(1);
  if (view.getUint16(2) !== datagram.length) return { ...none, syncId, refusal: 'length' };
  const isV1 =
    datagram.length >= V1_HEADER_BYTES &&
    view.getUint8(0) === 0 &&
    view.getInt8(5) === 1 &&
    view.getUint16(6) === 0;
  return isV1 ? decodeV1(view, syncId) : decodeV0(view, syncId);
}

function decodeV1(view: DataView, syncId: number): DecodedSync {
  const records: SyncRecord[] = [];
  let skipped = 0;
  let offset = V1_HEADER_BYTES;
  for (let left = view.getUint8(4); left > 0; left--) {
    offset = (offset + 3) & ~3;
    const found = decodeRecordV1(view, offset);
    if (found === undefined) return { version: 1, syncId, records, skipped, refusal: 'record' };
    if (found.record === undefined) skipped += 1;
    else records.push(found.record);
    offset += found.length;
  }
  const mark = readSyncMark(view, (offset + 3) & ~3);
  return { version: 1, syncId, records, skipped, ...(mark !== undefined && { mark }) };
}

function decodeV0(view: DataView, syncId: number): DecodedSync {
  const records: SyncRecord[] = [];
  let offset = V0_HEADER_BYTES;
  for (let left = view.getUint8(0); left > 0; left--) {
    const found = decodeRecordV0(view, offset);
    if (found === undefined) return { version: 0, syncId, records, skipped: 0, refusal: 'record' };
    records.push(found.record);
    offset += found.length;
  }
  return { version: 0, syncId, records, skipped: 0 };
}
