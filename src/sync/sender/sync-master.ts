import type { SyncDaemon } from '../../model/daemon.ts';
import type { SyncMasterStatus } from '../../model/sync-status.ts';
import { encodeSync } from '../message/encode-sync.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import { KeptLink } from '../network/kept-link.ts';
import type { DatagramSender } from '../network/sync-network.ts';
import type { SyncOptions, SyncServiceModules, SyncSystem } from '../service-modules.ts';
import { BEACON_MS, FLUSH_MS } from '../timing.ts';
import { TableServer } from '../whole-table/table-server.ts';
import { DatagramPacker } from './datagram-packer.ts';

/** sync_qlen_max; the kernel takes a part of the memory. */
const QUEUE_LENGTH = 4096;

/** Tells the group of each connection that backups have to know of, beacons, and gives its whole table to who asks. */
export class SyncMaster {
  readonly #daemon: SyncDaemon;
  readonly #modules: SyncServiceModules & SyncSystem;
  readonly #queueLength: number;
  readonly #since: string;
  readonly #epoch: string;
  readonly #packer: DatagramPacker;
  readonly #link: KeptLink<DatagramSender>;
  readonly #server: TableServer;
  readonly #unwatch: () => void;
  readonly #counts = { datagrams: 0, records: 0, bytes: 0, discarded: 0, sendErrors: 0 };
  /** Datagrams so far, with those that were never sent: what a backup misses is a gap in it. */
  #count = 0;
  #waiting = 0;
  #cancelFlush: (() => void) | undefined;
  #cancelBeacon = (): void => {};

  constructor(
    daemon: SyncDaemon,
    { queueLength = QUEUE_LENGTH, socketBytes = 0 }: SyncOptions,
    modules: SyncServiceModules & SyncSystem,
  ) {
    this.#daemon = daemon;
    this.#modules = modules;
    this.#queueLength = queueLength;
    this.#since = new Date(modules.wallClock()).toISOString();
    this.#epoch = Buffer.from(modules.randomBytes(8)).toString('hex');
    this.#packer = new DatagramPacker(daemon.maxLength);
    this.#server = new TableServer(daemon, () => this.#mark(), modules);
    this.#link = new KeptLink({
      ...modules,
      daemon,
      what: 'multicast',
      open: (address, failed) => modules.network.openSender({ ...daemon, address, socketBytes }, failed),
      opened: () => this.#beacon(),
    });
    this.#unwatch = modules.table.watch({
      hear: (records) => this.#hear(records),
      lost: (count) => this.#lose(count),
    });
  }

  status(): SyncMasterStatus {
    const fault = this.#link.fault ?? this.#server.fault;
    return {
      ...this.#daemon,
      since: this.#since,
      ...(fault !== undefined && { fault }),
      ...this.#counts,
      tables: this.#server.counts,
    };
  }

  /** What waits for its datagram to fill is sent before. Resolves when nothing reads the table any more. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#flush();
    this.#cancelBeacon();
    this.#link.close();
    await this.#server.close();
  }

  #hear(records: readonly SyncRecord[]): void {
    for (const record of records) {
      const full = this.#packer.add(record);
      if (full === undefined) continue;
      this.#send(full);
      // What is left has just begun to wait.
      this.#cancelFlush?.();
      this.#cancelFlush = undefined;
    }
    if (!this.#packer.isEmpty) this.#cancelFlush ??= this.#modules.after(FLUSH_MS, () => this.#flush());
  }

  /** Backups see the gap, and ask for the whole table. */
  #lose(records: number): void {
    this.#counts.discarded += records;
    this.#count = (this.#count + 1) >>> 0;
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (!this.#packer.isEmpty) this.#send(this.#packer.take());
  }

  #send(records: readonly SyncRecord[]): void {
    const sender = this.#link.current;
    if (sender === undefined || this.#waiting >= this.#queueLength) {
      this.#lose(records.length);
      return;
    }
    this.#count = (this.#count + 1) >>> 0;
    const datagram = encodeSync({ syncId: this.#daemon.syncId, records, mark: this.#mark() });
    this.#waiting += 1;
    sender.send(datagram, (error) => {
      this.#waiting -= 1;
      if (error !== null) {
        this.#counts.sendErrors += 1;
        return;
      }
      this.#counts.datagrams += 1;
      this.#counts.records += records.length;
      this.#counts.bytes += datagram.length;
    });
  }

  #beacon(): void {
    this.#cancelBeacon();
    this.#cancelBeacon = this.#modules.after(BEACON_MS, () => this.#beacon());
    const beacon = encodeSync({ syncId: this.#daemon.syncId, records: [], mark: this.#mark() });
    this.#link.current?.send(beacon, (error) => {
      if (error !== null) this.#counts.sendErrors += 1;
    });
  }

  #mark(): SyncMark {
    return { port: this.#server.port, epoch: this.#epoch, count: this.#count };
  }
}
