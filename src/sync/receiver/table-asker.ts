import type { Duplex } from 'node:stream';
import type { SyncDaemon } from '../../model/daemon.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import type { SyncWay } from '../network/sync-network.ts';
import type { SyncServiceModules, SyncSystem } from '../service-modules.ts';
import { receiveTable } from '../whole-table/receive-table.ts';
import { FreshFlows } from './fresh-flows.ts';
import type { KnownMaster } from './known-master.ts';
import type { KnownMasters } from './known-masters.ts';
import type { RecordIntake } from './record-intake.ts';
import { validRecord } from './valid-record.ts';

/** Transfers at once. */
const MOST_TRANSFERS = 2;

export interface TableAskerModules
  extends Pick<SyncServiceModules, 'now' | 'info' | 'warn'>,
    Pick<SyncSystem, 'network' | 'after'> {
  readonly daemon: Pick<SyncDaemon, 'interface' | 'syncId'>;
  readonly masters: KnownMasters;
  readonly records: RecordIntake;
}

/** Asks masters for their whole tables, and puts those in place without undoing what is told meanwhile. */
export class TableAsker {
  readonly #modules: TableAskerModules;
  readonly #running = new Map<KnownMaster, { readonly stream: Duplex; readonly fresh: FreshFlows }>();
  #closed = false;

  constructor(modules: TableAskerModules) {
    this.#modules = modules;
  }

  /** Asks those that are due, from that address. */
  ask(from: SyncWay['address']): void {
    for (const master of this.#modules.masters.due()) {
      if (this.#running.size >= MOST_TRANSFERS) return;
      void this.#fetch(master, from);
    }
  }

  /** A record came by multicast. */
  note(record: SyncRecord, from: KnownMaster, mark: SyncMark | undefined): void {
    for (const [master, { fresh }] of this.#running) {
      const isOfTable = master === from && mark?.epoch === master.epoch;
      fresh.note(record, isOfTable ? mark?.count : undefined);
    }
  }

  close(): void {
    this.#closed = true;
    for (const { stream } of this.#running.values()) stream.destroy();
  }

  /** Never rejects. */
  async #fetch(master: KnownMaster, address: SyncWay['address']): Promise<void> {
    const { network, daemon, after, now, info, warn } = this.#modules;
    const began = now();
    let count = 0;
    master.ask();
    try {
      const way = { interface: daemon.interface, address };
      const stream = network.connect(way, { address: master.address, port: master.port });
      const fresh = new FreshFlows();
      this.#running.set(master, { stream, fresh });
      const taker = {
        begun: (mark: SyncMark) => {
          master.begin(mark);
          fresh.begin(mark.count);
        },
        take: (records: readonly SyncRecord[]) => {
          count += records.length;
          master.take(records.length);
          this.#take(records, fresh);
        },
      };
      await receiveTable(stream, daemon.syncId, taker, after);
      master.end();
      info(`whole table of ${master.address}: ${count} records in ${((now() - began) / 1000).toFixed(1)} s`);
    } catch (error) {
      if (this.#closed) return;
      const reason = error instanceof Error ? error.message : String(error);
      master.end(reason);
      if (master.failedOnce)
        warn(`the whole table of ${master.address} port ${master.port} did not come: ${reason}`);
    } finally {
      this.#running.delete(master);
    }
  }

  #take(records: readonly SyncRecord[], fresh: FreshFlows): void {
    if (this.#closed) throw new Error('the daemon was stopped');
    for (const told of records) {
      const record = validRecord(told);
      if (record === undefined) this.#modules.records.countUnsupported(1);
      else if (!fresh.has(record)) this.#modules.records.put(record);
    }
  }
}
