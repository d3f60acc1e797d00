import type { Family } from '../../../model/address.ts';
import { OFFSET, SIZE } from '../layout.gen.ts';
import { FAMILY_NUMBER, viewOf } from './address-codec.ts';
import { type ConnectionRecord, decodeConnection } from './connection-codec.ts';
import { type Flow, readWideFlow, writeWideFlow } from './flow-codec.ts';

/** `struct sync_event` of bpf/abi.h: an entry that backups have to know, as it was at that moment. */
export interface SyncEvent {
  readonly family: Family;
  readonly flow: Flow;
  readonly connection: ConnectionRecord;
}

/** What `struct sync_put` says of a connection. */
export interface SyncPutRecord {
  readonly family: Family;
  readonly flow: Flow;
  /** Jiffies. */
  readonly timeout: number;
  /** Id. */
  readonly destination: number;
  readonly destinationPort: number;
  /** CONNECTION_* */
  readonly word: number;
  readonly packets: number;
  readonly firewallMark: number;
}

const event = OFFSET.sync_event;
const put = OFFSET.sync_put;
const connection = {
  timeout: put.connection + OFFSET.connection.timeout,
  destination: put.connection + OFFSET.connection.destination,
  word: put.connection + OFFSET.connection.word,
  packets: put.connection + OFFSET.connection.packets,
  firewallMark: put.connection + OFFSET.connection.firewall_mark,
  destinationPort: put.connection + OFFSET.connection.destination_port,
} as const;

export function decodeSyncEvent(bytes: Uint8Array): SyncEvent {
  const inet6 = viewOf(bytes).getUint32(event.family, true) === FAMILY_NUMBER.inet6;
  const family = inet6 ? 'inet6' : 'inet';
  return {
    family,
    flow: readWideFlow(bytes.subarray(event.flow, event.flow + SIZE.flow6), family),
    connection: decodeConnection(bytes.subarray(event.connection, event.connection + SIZE.connection)),
  };
}

/** Writes all of a `struct sync_put`, whatever was there. `view` is one of the bytes. */
export function writeSyncPut(bytes: Uint8Array, view: DataView, record: SyncPutRecord): void {
  bytes.fill(0);
  writeWideFlow(bytes.subarray(put.flow, put.flow + SIZE.flow6), record.flow);
  view.setUint32(put.family, FAMILY_NUMBER[record.family], true);
  view.setUint32(connection.timeout, record.timeout, true);
  view.setUint32(connection.destination, record.destination, true);
  view.setUint32(connection.word, record.word, true);
  view.setUint32(connection.packets, record.packets, true);
  view.setUint32(connection.firewallMark, record.firewallMark, true);
  view.setUint16(connection.destinationPort, record.destinationPort);
}

/** SYNC_*: what the program answered. */
export function readSyncResult(view: DataView): number {
  return view.getUint32(put.result, true);
}
