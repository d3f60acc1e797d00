import { familyOf } from '../../model/address.ts';
import { rememberedBytes } from './address-memory.ts';
import { SYNC_MARK_BYTES, writeSyncMark } from './sync-mark.ts';
import {
  MOST_RECORDS,
  OPTION,
  SEQUENCE_BYTES,
  type SequenceData,
  type SyncMessage,
  type SyncRecord,
  V1_HEADER_BYTES,
  V1_RECORD_BYTES,
} from './sync-record.ts';

/** A datagram of version 1, as the kernel's master sends it. Throws a RangeError for more than 255 records. */
export function encodeSync({ syncId, records, mark }: SyncMessage): Uint8Array {
  if (records.length > MOST_RECORDS)
    throw new RangeError(`${records.length} records are more than ${MOST_RECORDS}`);
  const parts = records.map(encodeRecord);
  const end = parts.reduce((offset, part) => aligned(offset) + part.length, V1_HEADER_BYTES);
  const length = mark === undefined ? end : aligned(end) + SYNC_MARK_BYTES;
  const datagram = new Uint8Array(length);
  const view = new DataView(datagram.buffer);
  view.setUint8(1, syncId);
  view.setUint16(2, length);
  view.setUint8(4, records.length);
  view.setInt8(5, 1);
  let offset = V1_HEADER_BYTES;
  for (const part of parts) {
    offset = aligned(offset);
    datagram.set(part, offset);
    offset += part.length;
  }
  if (mark !== undefined) writeSyncMark(view, aligned(offset), mark);
  return datagram;
}

/** Bytes that a record takes in a datagram, with the padding before the next one. */
export function syncRecordBytes(record: SyncRecord): number {
  return aligned(recordLength(record));
}

function recordLength({ clientAddress, sequence, persistence }: SyncRecord): number {
  const options = [
    ...(sequence === undefined ? [] : [SEQUENCE_BYTES]),
    ...(persistence === undefined ? [] : [persistence.data.length, persistence.engine.length]),
  ];
  return options.reduce((sum, length) => sum + 2 + length, V1_RECORD_BYTES[familyOf(clientAddress)]);
}

function encodeRecord(record: SyncRecord): Uint8Array {
  const bytes = new Uint8Array(recordLength(record));
  const view = new DataView(bytes.buffer);
  const family = familyOf(record.clientAddress);
  view.setUint8(0, family === 'inet6' ? 1 : 0);
  view.setUint8(1, record.protocol);
  view.setUint16(2, bytes.length);
  view.setUint32(4, record.flags);
  view.setUint16(8, record.state);
  view.setUint16(10, record.clientPort);
  view.setUint16(12, record.virtualPort);
  view.setUint16(14, record.destinationPort);
  view.setUint32(16, record.fwmark);
  view.setUint32(20, record.timeout);
  let offset = 24;
  for (const address of [record.clientAddress, record.virtualAddress, record.destinationAddress]) {
    const part = rememberedBytes(address);
    bytes.set(part, offset);
    offset += part.length;
  }
  for (const [type, data] of optionsOf(record)) {
    bytes.set([type, data.length], offset);
    bytes.set(data, offset + 2);
    offset += 2 + data.length;
  }
  return bytes;
}

function optionsOf({ sequence, persistence }: SyncRecord): readonly (readonly [number, Uint8Array])[] {
  return [
    ...(sequence === undefined ? [] : [[OPTION.sequence, encodeSequence(sequence)] as const]),
    ...(persistence === undefined
      ? []
      : [
          [OPTION.persistenceData, persistence.data] as const,
          [OPTION.persistenceEngine, Buffer.from(persistence.engine, 'latin1')] as const,
        ]),
  ];
}

function encodeSequence({
  inbound,
  outbound,
}: {
  inbound: SequenceData;
  outbound: SequenceData;
}): Uint8Array {
  const view = new DataView(new ArrayBuffer(SEQUENCE_BYTES));
  const words = [inbound, outbound].flatMap(({ initial, delta, previousDelta }) => [
    initial,
    delta,
    previousDelta,
  ]);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word);
  return new Uint8Array(view.buffer);
}

/** Records start at multiples of four. */
function aligned(offset: number): number {
  return (offset + 3) & ~3;
}
