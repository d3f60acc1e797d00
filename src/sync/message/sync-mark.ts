/**
 * What vipr puts behind the last record of its datagrams, where IPVS does not look (ip_vs_sync.c, ip_vs_process_message reads as many records as
 * the header says). A datagram with a mark and no records is a beacon.
 */
export interface SyncMark {
  /** TCP port of the master's whole table; 0 where it gives none. */
  readonly port: number;
  /** Chosen by chance when the master started: 16 hexadecimal digits. */
  readonly epoch: string;
  /** Of a beacon: how many datagrams the master has sent, modulo 2^32, beacons not counted. Of others: which one of them this is, from 1. */
  readonly count: number;
}

/** What a mark takes in a datagram. */
export const SYNC_MARK_BYTES = 20;

const MAGIC = 0x76697072; // 'vipr'
const VERSION = 1;

/** Writes a mark at an offset: magic, version, 0, port, epoch, count. */
export function writeSyncMark(view: DataView, offset: number, { port, epoch, count }: SyncMark): void {
  view.setUint32(offset, MAGIC);
  view.setUint8(offset + 4, VERSION);
  view.setUint16(offset + 6, port);
  view.setBigUint64(offset + 8, BigInt(`0x${epoch}`));
  view.setUint32(offset + 16, count);
}

/** The mark that fills the datagram from the offset on; undefined where something else is there. */
export function readSyncMark(view: DataView, offset: number): SyncMark | undefined {
  if (offset + SYNC_MARK_BYTES !== view.byteLength) return undefined;
  const isMark =
    view.getUint32(offset) === MAGIC &&
    view.getUint8(offset + 4) === VERSION &&
    view.getUint8(offset + 5) === 0;
  if (!isMark) return undefined;
  return {
    port: view.getUint16(offset + 6),
    epoch: view
      .getBigUint64(offset + 8)
      .toString(16)
      .padStart(16, '0'),
    count: view.getUint32(offset + 16),
  };
}
