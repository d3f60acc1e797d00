import type { IpAddress } from '../../model/address.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import type { SyncRecord } from '../message/sync-record.ts';
import { DISMISSALS, type Dismissal, judgeDatagram } from './judge-datagram.ts';
import type { KnownMaster } from './known-master.ts';
import type { KnownMasters } from './known-masters.ts';
import type { RecordIntake } from './record-intake.ts';

export interface DatagramIntakeModules {
  readonly syncId: number;
  readonly masters: KnownMasters;
  readonly records: RecordIntake;
  readonly isOwn: (address: IpAddress) => boolean;
  /** Told of each record that was put into the table, before it is. */
  readonly told: (record: SyncRecord, from: KnownMaster, mark: SyncMark | undefined) => void;
}

/** Takes what comes to the group: each datagram is used, or counted under the reason why it is not. */
export class DatagramIntake {
  readonly #modules: DatagramIntakeModules;
  readonly #dismissed = Object.fromEntries(DISMISSALS.map((reason) => [reason, 0])) as Record<
    Dismissal,
    number
  >;
  #datagrams = 0;
  #bytes = 0;

  constructor(modules: DatagramIntakeModules) {
    this.#modules = modules;
  }

  get counts(): {
    readonly datagrams: number;
    readonly bytes: number;
    readonly dismissed: Readonly<Record<Dismissal, number>>;
  } {
    return { datagrams: this.#datagrams, bytes: this.#bytes, dismissed: { ...this.#dismissed } };
  }

  /** Never throws. Whether it was a beacon. */
  hear(datagram: Uint8Array, source: IpAddress): boolean {
    this.#datagrams += 1;
    this.#bytes += datagram.length;
    const { syncId, masters, records, isOwn, told } = this.#modules;
    if (isOwn(source)) return this.#dismiss('own');
    const judged = judgeDatagram(datagram, syncId);
    if (typeof judged === 'string') return this.#dismiss(judged);
    const master = masters.find(source, judged.syncId);
    if (master === undefined) return this.#dismiss('too-many-masters');
    const dismissal = master.hear(judged.mark, judged.isBeacon);
    if (dismissal !== undefined) return this.#dismiss(dismissal);
    for (const record of judged.records) {
      told(record, master, judged.mark);
      records.put(record);
    }
    records.countUnsupported(judged.unsupported);
    if (judged.dismissal !== undefined) this.#dismiss(judged.dismissal);
    return judged.isBeacon;
  }

  #dismiss(reason: Dismissal): false {
    this.#dismissed[reason] += 1;
    return false;
  }
}
