import type { SyncDaemon } from '../../model/daemon.ts';
import type { SyncBackupStatus } from '../../model/sync-status.ts';
import { KeptLink } from '../network/kept-link.ts';
import type { Closable } from '../network/sync-network.ts';
import type { SyncOptions, SyncServiceModules, SyncSystem } from '../service-modules.ts';
import { LOOK_MS } from '../timing.ts';
import { DatagramIntake } from './datagram-intake.ts';
import { KnownMasters } from './known-masters.ts';
import { RecordIntake } from './record-intake.ts';
import { TableAsker } from './table-asker.ts';

/** Puts what masters tell into the table, and asks them for all that it cannot know otherwise. */
export class SyncBackup {
  readonly #daemon: SyncDaemon;
  readonly #modules: SyncServiceModules & SyncSystem;
  readonly #since: string;
  readonly #masters: KnownMasters;
  readonly #records: RecordIntake;
  readonly #datagrams: DatagramIntake;
  readonly #asker: TableAsker;
  readonly #link: KeptLink<Closable>;
  #ownAddresses: ReadonlySet<string> = new Set();
  #wasSynchronised = false;
  #cancelLook = (): void => {};

  constructor(
    daemon: SyncDaemon,
    { socketBytes = 0 }: SyncOptions,
    modules: SyncServiceModules & SyncSystem,
  ) {
    this.#daemon = daemon;
    this.#modules = modules;
    this.#since = new Date(modules.wallClock()).toISOString();
    const masters = new KnownMasters(modules);
    const records = new RecordIntake(modules.table);
    const asker = new TableAsker({ ...modules, daemon, masters, records });
    this.#masters = masters;
    this.#records = records;
    this.#asker = asker;
    this.#datagrams = new DatagramIntake({
      syncId: daemon.syncId,
      masters,
      records,
      isOwn: (address) => this.#ownAddresses.has(address),
      told: (record, from, mark) => asker.note(record, from, mark),
    });
    this.#link = new KeptLink({
      ...modules,
      daemon,
      what: 'multicast',
      open: (address, failed) =>
        modules.network.openReceiver(
          { ...daemon, address, socketBytes },
          (datagram, source) => {
            if (this.#datagrams.hear(datagram, source)) this.#ask();
          },
          failed,
        ),
      opened: () => masters.listen(),
    });
    this.#look();
  }

  status(): SyncBackupStatus {
    const { fault } = this.#link;
    const waitingFor = this.#masters.waitingFor(this.#daemon.interface);
    return {
      ...this.#daemon,
      since: this.#since,
      ...(fault !== undefined && { fault }),
      ...this.#datagrams.counts,
      records: this.#records.counts,
      masters: this.#masters.status(),
      isSynchronised: waitingFor === undefined,
      ...(waitingFor !== undefined && { waitingFor }),
    };
  }

  /** Asks for whole tables again where records came whose service or destination was not there. */
  tableChanged(): void {
    if (!this.#records.takeHomeless()) return;
    this.#masters.want();
    this.#ask();
  }

  /** Puts nothing into the table from now on. */
  close(): void {
    this.#cancelLook();
    this.#link.close();
    this.#asker.close();
  }

  /** Each second: what of this depends on time alone. */
  #look(): void {
    const { network, after, info } = this.#modules;
    this.#ownAddresses = new Set(network.addresses().map(({ address }) => address));
    this.#ask();
    const isSynchronised = this.#masters.waitingFor(this.#daemon.interface) === undefined;
    if (isSynchronised && !this.#wasSynchronised)
      info(`backup sync daemon on ${this.#daemon.interface}: synchronised`);
    this.#wasSynchronised = isSynchronised;
    this.#cancelLook = after(LOOK_MS, () => this.#look());
  }

  #ask(): void {
    const address = this.#link.address;
    if (address !== undefined) this.#asker.ask(address);
  }
}
