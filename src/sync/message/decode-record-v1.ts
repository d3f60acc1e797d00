import { addressesAt } from './addresses-at.ts';
import { readSequence } from './read-sequence.ts';
import {
  LONGEST_ENGINE_NAME,
  OPTION,
  OPTIONAL_BIT,
  SEQUENCE_BYTES,
  type SyncRecord,
  V1_RECORD_BYTES,
} from './sync-record.ts';

type Options = Pick<SyncRecord, 'sequence' | 'persistence'>;

/**
 * The record at an offset, with its length and without the padding behind it; `record` is absent where it has to be skipped. Undefined where
 * nothing behind it can be read.
 */
export function decodeRecordV1(
  view: DataView,
  offset: number,
): { readonly record?: SyncRecord; readonly length: number } | undefined {
  if (offset + V1_RECORD_BYTES.inet > view.byteLength) return undefined;
  const type = view.getUint8(offset);
  const versionAndLength = view.getUint16(offset + 2);
  const length = versionAndLength & 0xfff;
  const fixed = V1_RECORD_BYTES[(type & 1) === 1 ? 'inet6' : 'inet'];
  const isSane = (type & ~1) === 0 && versionAndLength >>> 12 === 0;
  if (!isSane || length < fixed || offset + length > view.byteLength) return undefined;
  const options = readOptions(view, offset + fixed, offset + length);
  if (options === 'malformed') return undefined;
  if (options === 'unknown') return { length };
  const record: SyncRecord = {
    protocol: view.getUint8(offset + 1),
    flags: view.getUint32(offset + 4),
    state: view.getUint16(offset + 8),
    clientPort: view.getUint16(offset + 10),
    virtualPort: view.getUint16(offset + 12),
    destinationPort: view.getUint16(offset + 14),
    fwmark: view.getUint32(offset + 16),
    timeout: view.getUint32(offset + 20),
    ...addressesAt(view, offset + 24, fixed === V1_RECORD_BYTES.inet ? 4 : 16),
    ...options,
  };
  return { record, length };
}

function readOptions(view: DataView, start: number, end: number): Options | 'malformed' | 'unknown' {
  let sequence: SyncRecord['sequence'];
  let data: Uint8Array | undefined;
  let engine: string | undefined;
  for (let offset = start; offset < end; ) {
    if (offset + 2 > end) return 'malformed';
    const [type, length] = [view.getUint8(offset), view.getUint8(offset + 1)];
    const value = offset + 2;
    offset = value + length;
    if (length === 0 || offset > end) return 'malformed';
    switch (type & ~OPTIONAL_BIT) {
      case OPTION.sequence:
        if (length !== SEQUENCE_BYTES || sequence !== undefined) return 'malformed';
        sequence = readSequence(view, value);
        break;
      case OPTION.persistenceData:
        if (data !== undefined) return 'malformed';
        data = bytesAt(view, value, length).slice();
        break;
      case OPTION.persistenceEngine:
        if (engine !== undefined || length > LONGEST_ENGINE_NAME) return 'malformed';
        engine = Buffer.from(bytesAt(view, value, length)).toString('latin1');
        break;
      default:
        if ((type & OPTIONAL_BIT) === 0) return 'unknown';
    }
  }
  return {
    ...(sequence !== undefined && { sequence }),
    // One without the other says nothing (ip_vs_sync.c, ip_vs_conn_fill_param_sync).
    ...(data !== undefined && engine !== undefined && { persistence: { engine, data } }),
  };
}

function bytesAt(view: DataView, offset: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}
