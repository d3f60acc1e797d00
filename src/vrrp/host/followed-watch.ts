import type { RouteChange, Watched } from '../../netlink/route/route-watch.ts';
import { retryDelay } from '../retry-delay.ts';
import type { Timers } from '../run-script.ts';

/** What it has of rtnetlink. */
export interface WatchNetlink {
  watch(...watched: readonly Watched[]): AsyncIterable<RouteChange> & { close(): void };
}

export interface FollowedWatchModules {
  readonly netlink: WatchNetlink;
  readonly timers: Timers;
  /** `lost` is what it begins with, and what it goes on with after a failure: what is known must be listed anew. May reject, which is a failure. */
  readonly take: (change: RouteChange) => Promise<void> | void;
  /** Told once; it is opened again, and again, until that lasts. */
  readonly onFailure: (error: unknown) => void;
}

/** How long it has to last until a failure is another one, in milliseconds. */
const LASTING = 10_000;

/** Follows changes of rtnetlink, and opens the watch again where it fails. */
export class FollowedWatch {
  readonly #modules: FollowedWatchModules;
  readonly #watched: readonly Watched[];
  #watch: ReturnType<WatchNetlink['watch']> | undefined;
  #isClosed = false;
  #failures = 0;
  #disarm: () => void = () => {};

  constructor(watched: readonly Watched[], modules: FollowedWatchModules) {
    this.#watched = watched;
    this.#modules = modules;
  }

  /** Resolves when `lost` was taken; rejects, and follows nothing, where it cannot be opened. */
  async open(): Promise<void> {
    const watch = this.#modules.netlink.watch(...this.#watched);
    this.#watch = watch;
    try {
      // The watch is open before: what changes while others list must not be missed.
      await this.#modules.take({ kind: 'lost' });
    } catch (error) {
      watch.close();
      throw error;
    }
    if (this.#isClosed) watch.close();
    else void this.#follow(watch);
  }

  close(): void {
    this.#isClosed = true;
    this.#disarm();
    this.#watch?.close();
  }

  async #follow(watch: AsyncIterable<RouteChange> & { close(): void }): Promise<void> {
    this.#disarm = this.#modules.timers.after(LASTING, () => {
      this.#failures = 0;
    });
    try {
      for await (const change of watch) await this.#modules.take(change);
    } catch (error) {
      watch.close();
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#disarm();
    if (this.#isClosed) return;
    this.#failures += 1;
    if (this.#failures === 1) this.#modules.onFailure(error);
    const again = () => void this.open().catch((reason: unknown) => this.#failed(reason));
    this.#disarm = this.#modules.timers.after(retryDelay(this.#failures), again);
  }
}
