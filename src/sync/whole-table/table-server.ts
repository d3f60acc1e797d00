import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { IpAddress } from '../../model/address.ts';
import type { SyncDaemon } from '../../model/daemon.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import { isNeighbour } from '../network/host-address.ts';
import { KeptLink } from '../network/kept-link.ts';
import type { Closable } from '../network/sync-network.ts';
import type { SyncServiceModules, SyncSystem } from '../service-modules.ts';
import { tableDatagrams } from './table-datagrams.ts';
import { TransferLimit } from './transfer-limit.ts';

/** Transfers at once: each reads the whole table. */
const MOST_TRANSFERS = 4;

/** Gives the whole table to backups that connect. */
export class TableServer {
  readonly #daemon: SyncDaemon;
  readonly #mark: () => SyncMark;
  readonly #modules: SyncServiceModules & SyncSystem;
  readonly #link: KeptLink<Closable>;
  readonly #transfers = new Map<Duplex, Promise<void>>();
  readonly #strangers = new Set<IpAddress>();
  readonly #counts = { sent: 0, records: 0 };

  constructor(daemon: SyncDaemon, mark: () => SyncMark, modules: SyncServiceModules & SyncSystem) {
    this.#daemon = daemon;
    this.#mark = mark;
    this.#modules = modules;
    this.#link = new KeptLink({
      ...modules,
      daemon,
      what: `TCP port ${daemon.port} for whole tables`,
      open: (address, failed) =>
        modules.network.listen(
          { ...daemon, address, socketBytes: 0 },
          (stream, peer) => this.#accept(stream, peer),
          failed,
        ),
    });
  }

  get fault(): string | undefined {
    return this.#link.fault;
  }

  /** Where it is given; 0 while it is not. */
  get port(): number {
    return this.#link.current === undefined ? 0 : this.#daemon.port;
  }

  /** Tables that were sent whole, and their records. */
  get counts(): { readonly sent: number; readonly records: number } {
    return { ...this.#counts };
  }

  /** Resolves when no transfer reads the table any more. */
  async close(): Promise<void> {
    this.#link.close();
    for (const stream of this.#transfers.keys()) stream.destroy();
    await Promise.all(this.#transfers.values());
  }

  #accept(stream: Duplex, peer: IpAddress): void {
    stream.on('error', () => {});
    if (this.#transfers.size >= MOST_TRANSFERS || !this.#mayHave(peer)) {
      stream.destroy();
      return;
    }
    this.#transfers.set(
      stream,
      this.#serve(stream).finally(() => this.#transfers.delete(stream)),
    );
  }

  /** Never rejects. */
  async #serve(stream: Duplex): Promise<void> {
    // A backup has nothing to say.
    stream.on('data', () => stream.destroy());
    const limit = new TransferLimit(stream, this.#modules.after);
    const closed = new AbortController();
    stream.once('close', () => closed.abort());
    try {
      let records = 0;
      const sent = (count: number): void => {
        limit.progress();
        records += count;
      };
      const { syncId } = this.#daemon;
      for await (const part of tableDatagrams(this.#modules.table.records(), syncId, this.#mark, sent)) {
        closed.signal.throwIfAborted();
        if (!stream.write(part)) await once(stream, 'drain', closed);
      }
      limit.progress();
      stream.end();
      await finished(stream, { readable: false });
      this.#counts.sent += 1;
      this.#counts.records += records;
      if (!stream.closed) await once(stream, 'close');
    } catch {
      // The backup tells why, and asks again.
    } finally {
      stream.destroy();
      limit.end();
    }
  }

  /** Who its datagrams can reach: with a time to live of 1 they do not leave the link. */
  #mayHave(peer: IpAddress): boolean {
    const { interface: device, ttl, port } = this.#daemon;
    if (ttl > 1 || isNeighbour(peer, device, this.#modules.network.addresses())) return true;
    if (this.#strangers.size < 100 && !this.#strangers.has(peer)) {
      this.#strangers.add(peer);
      this.#modules.warn(
        `${peer} asked for the table on port ${port} and got none, as it is not in a network of ${device}; with a TTL above 1 it would`,
      );
    }
    return false;
  }
}
