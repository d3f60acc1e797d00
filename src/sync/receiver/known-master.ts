import type { IpAddress } from '../../model/address.ts';
import type { SyncSourceStatus } from '../../model/sync-status.ts';
import type { SyncMark } from '../message/sync-mark.ts';
import type { SyncServiceModules } from '../service-modules.ts';
import { ASK_AGAIN_MS, MOST_FAILURES, SILENCE_MS } from '../timing.ts';
import type { Dismissal } from './judge-datagram.ts';
import { ReplayWindow } from './replay-window.ts';

/** Epochs of a master that are remembered, so that what was sent in them is known when it comes again. */
const MOST_EPOCHS = 4;

/** What a backup knows of one master, and whether it has to ask it for its whole table. */
export class KnownMaster {
  readonly address: IpAddress;
  readonly #clock: Pick<SyncServiceModules, 'now' | 'wallClock'>;
  readonly #windows = new Map<string, ReplayWindow>();
  /** Absent where it is not a vipr. */
  #epoch: string | undefined;
  #port = 0;
  #heard = -Infinity;
  #heardAt = 0;
  #marked = -Infinity;
  #missed = 0;
  #isWanted = false;
  #isRunning = false;
  #asked = -Infinity;
  /** The latest datagrams, by epoch, when it was asked. */
  #topsWhenAsked: ReadonlyMap<string, number> = new Map();
  #failures = 0;
  #table: SyncSourceStatus['table'];

  constructor(address: IpAddress, clock: Pick<SyncServiceModules, 'now' | 'wallClock'>) {
    this.address = address;
    this.#clock = clock;
  }

  /** Moments of the monotonic clock. */
  get heard(): number {
    return this.#heard;
  }

  /** When it was last heard as a master that gives its table. */
  get gaveTable(): number {
    return this.#givesTable ? this.#marked : -Infinity;
  }

  /** Where its whole table is. */
  get port(): number {
    return this.#port;
  }

  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** Whether its table has to come before the backup is synchronised. */
  get isAwaited(): boolean {
    if (!this.#givesTable || this.#failures >= MOST_FAILURES) return false;
    return this.#isRunning || (this.#isWanted && this.#isAlive);
  }

  /** Whether it is to be asked for its table now. */
  get isDue(): boolean {
    if (!this.#givesTable || !this.#isWanted || this.#isRunning || !this.#isAlive) return false;
    return this.#clock.now() - this.#asked >= ASK_AGAIN_MS;
  }

  /** Whether this failure is the first in a row. */
  get failedOnce(): boolean {
    return this.#failures === 1;
  }

  status(): SyncSourceStatus {
    return {
      address: this.address,
      givesTable: this.#givesTable,
      lastHeard: iso(this.#heardAt),
      missed: this.#missed,
      ...(this.#table !== undefined && { table: this.#table }),
    };
  }

  /** Hears a datagram: whether it is to be used. */
  hear(mark: SyncMark | undefined, isBeacon: boolean): Dismissal | undefined {
    if (mark === undefined) {
      if (this.#isAlive) return 'unmarked';
      this.#epoch = undefined;
    } else if (!this.#isNews(mark, isBeacon)) {
      this.#suspect(mark, isBeacon);
      return 'replayed';
    }
    this.#heard = this.#clock.now();
    this.#heardAt = this.#clock.wallClock();
    if (mark === undefined) return undefined;
    this.#marked = this.#heard;
    this.#port = mark.port;
    return undefined;
  }

  /** Has its table asked for again. */
  want(): void {
    this.#isWanted = true;
  }

  /** It is being asked. */
  ask(): void {
    this.#isRunning = true;
    this.#asked = this.#clock.now();
    this.#topsWhenAsked = new Map([...this.#windows].map(([epoch, { top }]) => [epoch, top]));
    this.#setTable('running', 0);
  }

  /** Its table comes, with all that it told so far. Over TCP it is sure who speaks: what this contradicts was not from it. */
  begin({ epoch, count }: SyncMark): void {
    const top = this.#topsWhenAsked.get(epoch);
    const isForged = top !== undefined && ((top - count) | 0) > 0;
    if (isForged || !this.#windows.has(epoch)) this.#addWindow(epoch, count);
    this.#windows.get(epoch)?.forgive(count);
    this.#epoch = epoch;
    this.#isWanted = false;
  }

  /** Records of its table came. */
  take(records: number): void {
    this.#setTable('running', (this.#table?.records ?? 0) + records);
  }

  /** Its table came whole, or failed. */
  end(failure?: string): void {
    this.#isRunning = false;
    this.#failures = failure === undefined ? 0 : this.#failures + 1;
    if (failure !== undefined) this.#isWanted = true;
    this.#setTable(failure === undefined ? 'complete' : 'failed', this.#table?.records ?? 0, failure);
  }

  get #givesTable(): boolean {
    return this.#epoch !== undefined && this.#port !== 0;
  }

  get #isAlive(): boolean {
    return this.#clock.now() - this.#marked <= SILENCE_MS;
  }

  #isNews({ epoch, count }: SyncMark, isBeacon: boolean): boolean {
    const window = this.#windows.get(epoch);
    if (window === undefined) {
      this.#addWindow(epoch, count);
    } else if (isBeacon) {
      // Beacons of an epoch that is over count where the master has sent more since.
      if (epoch !== this.#epoch && ((count - window.top) | 0) <= 0) return false;
      const missed = window.hearCount(count);
      if (missed === undefined) return false;
      this.#missed += missed;
      if (missed > 0) this.want();
    } else if (!window.take(count)) {
      return false;
    }
    if (epoch !== this.#epoch) this.want();
    this.#epoch = epoch;
    return true;
  }

  /** Nothing but old beacons for a while: what was taken for news before may have been forged, which its table will tell. */
  #suspect({ epoch }: SyncMark, isBeacon: boolean): void {
    if (!isBeacon || epoch !== this.#epoch || this.#isAlive) return;
    this.#marked = this.#clock.now();
    this.want();
  }

  #addWindow(epoch: string, count: number): void {
    this.#windows.delete(epoch);
    this.#windows.set(epoch, new ReplayWindow(count));
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > MOST_EPOCHS && oldest !== undefined) this.#windows.delete(oldest);
  }

  #setTable(state: 'running' | 'complete' | 'failed', records: number, detail?: string): void {
    const at = iso(this.#clock.wallClock());
    this.#table = { state, records, at, ...(detail !== undefined && { detail }) };
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
