import { decodeSync } from '../message/decode-sync.ts';
import { isOfSyncId } from '../message/is-of-sync-id.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import { validRecord } from './valid-record.ts';

/** Why a datagram, or the rest of one, is not used. */
export const DISMISSALS = [
  /** It comes from an address of this host. */
  'own',
  'too-short',
  /** It tells another length than it has. */
  'length',
  'sync-id',
  /** It has no records, and is no beacon. */
  'empty',
  /** A record cannot be read; those before it were taken. */
  'record',
  /** It was received before, or is too old to tell. */
  'replayed',
  /** It has no mark, although its sender's datagrams have. */
  'unmarked',
  /** So many masters were heard that no other can be followed. */
  'too-many-masters',
] as const;
export type Dismissal = (typeof DISMISSALS)[number];

/** What a datagram says to a backup, whoever sent it. */
export interface JudgedDatagram {
  readonly syncId: number;
  /** What a table may take. */
  readonly records: readonly SyncRecord[];
  /** Records with something that is not known. */
  readonly unsupported: number;
  readonly mark?: SyncMark;
  readonly isBeacon: boolean;
  /** Of the rest of it. */
  readonly dismissal?: Dismissal;
}

/** Reads a datagram for a backup with that sync ID; a reason where nothing of it is of use. Never throws. */
export function judgeDatagram(datagram: Uint8Array, ownSyncId: number): JudgedDatagram | Dismissal {
  const { syncId, records: all, skipped, mark, refusal } = decodeSync(datagram);
  if (refusal === 'too-short' || refusal === 'length') return refusal;
  if (!isOfSyncId(syncId, ownSyncId)) return 'sync-id';
  if (all.length === 0 && skipped === 0) {
    if (refusal !== undefined) return refusal;
    if (mark === undefined) return 'empty';
  }
  const records = all.map(validRecord).filter((record) => record !== undefined);
  return {
    syncId,
    records,
    unsupported: skipped + all.length - records.length,
    ...(mark !== undefined && { mark }),
    isBeacon: mark !== undefined && all.length === 0 && skipped === 0,
    ...(refusal !== undefined && { dismissal: refusal }),
  };
}
