import type { SyncOutcome } from '../../../model/sync-status.ts';
import type { SyncRecord } from '../../../sync/message/sync-record.ts';
import type { SyncListener, SyncTable } from '../../../sync/sync-table.ts';
import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { ContextRun } from '../../../system/bpf/context-run.ts';
import { RingBuffer } from '../../../system/bpf/ring-buffer.ts';
import type { JiffiesClock } from '../jiffies.ts';
import { SETTING_SYNC_MASTER, SETTING_SYNC_PERSIST_MODE, SIZE, TOTAL_SYNC_LOST } from '../layout.gen.ts';
import type { SettingsMap } from '../lifecycle/settings-map.ts';
import { Totals } from '../lifecycle/totals.ts';
import type { DestinationSlots } from '../table/destination-slots.ts';
import type { ServiceSlots } from '../table/service-slots.ts';
import { EventFeed } from './event-feed.ts';
import { SyncDestinations } from './sync-destinations.ts';
import { SyncPut } from './sync-put.ts';
import { wholeTable } from './whole-table.ts';

/** What synchronisation has of the data plane: open maps and programs, which whoever opened them closes. */
export interface SyncDataPlane {
  /** The ring `sync_events`. */
  readonly events: BpfMap;
  readonly totals: BpfMap;
  /** `vipr_sync_put` */
  readonly put: { readonly fd: number };
}

export interface EbpfSyncTableModules {
  readonly dataPlane: SyncDataPlane;
  readonly maps: { readonly connections4: BpfMap; readonly connections6: BpfMap };
  readonly settings: Pick<SettingsMap, 'read' | 'setFlag'>;
  readonly clock: JiffiesClock;
  readonly slots: { readonly services: ServiceSlots; readonly destinations: DestinationSlots };
  /** The first port that needs no privilege (net.ipv4.ip_unprivileged_port_start). */
  readonly unprivilegedPortStart: number;
  readonly warn: (text: string) => void;
}

/** The connection tables of the data plane as synchronisation sees them. */
export class EbpfSyncTable implements SyncTable {
  readonly #modules: EbpfSyncTableModules;
  readonly #ring: RingBuffer;
  readonly #feed: EventFeed;
  readonly #destinations: SyncDestinations;
  readonly #put: SyncPut;
  #hasRefused = false;
  #closed = false;

  constructor(modules: EbpfSyncTableModules) {
    const { dataPlane, settings, clock, slots, unprivilegedPortStart } = modules;
    this.#modules = modules;
    this.#ring = new RingBuffer(dataPlane.events);
    const totals = new Totals(dataPlane.totals);
    this.#feed = new EventFeed({
      ring: this.#ring,
      lost: () => totals.read(TOTAL_SYNC_LOST),
      tell: (on) => settings.setFlag(SETTING_SYNC_MASTER, on),
      addressOf: (id) => this.#addressOf(id),
      hz: clock.hz,
    });
    this.#destinations = new SyncDestinations({ services: slots.services, unprivilegedPortStart });
    this.#put = new SyncPut({
      destinations: this.#destinations,
      program: new ContextRun(dataPlane.put, SIZE.sync_put),
      settings: () => settings.read(),
    });
    // That of a process before this one.
    settings.setFlag(SETTING_SYNC_MASTER, false);
  }

  watch(listener: SyncListener): () => void {
    return this.#feed.add(listener);
  }

  records(): AsyncIterable<readonly SyncRecord[]> {
    const { maps, clock, settings } = this.#modules;
    return wholeTable({
      maps,
      clock,
      addressOf: (id) => this.#addressOf(id),
      templatesOnly: () => (settings.read().flags & SETTING_SYNC_PERSIST_MODE) !== 0,
      goOn: () => !this.#closed,
    });
  }

  /** Where the kernel does not run the program, as for want of memory, there is no room for the record; the log has the reason once. */
  put(record: SyncRecord): SyncOutcome {
    try {
      return this.#put.put(record);
    } catch (error) {
      if (!this.#hasRefused)
        this.#modules.warn(
          `connections of other directors cannot be taken: ${error instanceof Error ? error.message : error}`,
        );
      this.#hasRefused = true;
      return 'table-full';
    }
  }

  /** To be called when services, destinations or timeouts changed. */
  tableChanged(): void {
    this.#destinations.tableChanged();
    this.#put.tableChanged();
  }

  /** Before the maps are closed. */
  close(): void {
    this.#closed = true;
    this.#feed.close();
    this.#ring.close();
  }

  #addressOf(id: number) {
    return this.#modules.slots.destinations.byId(id)?.destination.address;
  }
}
