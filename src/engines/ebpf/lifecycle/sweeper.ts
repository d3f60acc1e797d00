/** What a {@link Sweeper} works with. Times are milliseconds. */
export interface SweeperModules {
  /** Walks once over the connections of both families. */
  readonly sweepConnections: (goOn: () => boolean) => Promise<void>;
  /** Walks once over the reply entries of both families, for those without a connection. */
  readonly sweepReplies: (goOn: () => boolean) => Promise<void>;
  /** Entries of the connection tables, as far as the totals tell. */
  readonly entries: () => number;
  readonly now: () => number;
  readonly warn: (text: string) => void;
}

const LEAST_PAUSE = 1000;
const LONGEST_PAUSE = 10_000;
/** A pass takes at most this part of the time: five percent of one processor. */
const SHARE = 20;
/** An empty table is walked over this often, as totals miss what a crash left half done. */
const IDLE_PAUSE = 30_000;
const REPLIES_PAUSE = 60_000;

/**
 * Has the kernel remove what expired: at most once a second, less often where a pass takes long, and hardly ever where the table is empty.
 */
export class Sweeper {
  readonly #modules: SweeperModules;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #closed = false;
  #lastPass = Number.NEGATIVE_INFINITY;
  #lastReplies: number;

  constructor(modules: SweeperModules) {
    this.#modules = modules;
    this.#lastReplies = modules.now();
    this.#schedule(LEAST_PAUSE);
  }

  /** Resolves when nothing of it runs any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(pause: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#running = this.step().then((next) => this.#schedule(next));
    }, pause);
  }

  /** Does what is due; returns how long to wait then. */
  async step(): Promise<number> {
    const { now, entries, sweepConnections, sweepReplies, warn } = this.#modules;
    const goOn = () => !this.#closed;
    const start = now();
    try {
      if (entries() > 0 || start - this.#lastPass >= IDLE_PAUSE) {
        this.#lastPass = start;
        await sweepConnections(goOn);
      }
      if (start - this.#lastReplies >= REPLIES_PAUSE) {
        this.#lastReplies = start;
        await sweepReplies(goOn);
      }
    } catch (error) {
      if (!this.#closed) warn(`expired connections cannot be removed: ${(error as Error).message}`);
      return LONGEST_PAUSE;
    }
    return Math.min(LONGEST_PAUSE, Math.max(LEAST_PAUSE, SHARE * (now() - start)));
  }
}
