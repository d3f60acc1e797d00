import type { Logger } from 'pino';

/** Milliseconds from the end of a check to the next one. */
const INTERVAL = 5000;
/** A check that takes long is made more rarely: it may take one twentieth of the time. */
const SHARE = 20;

export interface DriftWatchModules {
  readonly logger: Logger;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Has drift looked for every few seconds; a check that fails is told once, and tried again. */
export class DriftWatch {
  readonly #check: () => Promise<void>;
  readonly #modules: DriftWatchModules;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #failure: string | undefined;

  constructor(check: () => Promise<void>, modules: DriftWatchModules) {
    this.#check = check;
    this.#modules = modules;
    this.#wait(INTERVAL);
  }

  dispose(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    if (this.#ended) return;
    this.#timer = setTimeout(() => void this.#run(), milliseconds);
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    const begun = this.#modules.now();
    try {
      await this.#check();
      this.#failure = undefined;
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      // An engine that is being closed answers nothing any more.
      if (!this.#ended && failure !== this.#failure) {
        this.#modules.logger.warn(`drift cannot be looked for: ${failure}`);
      }
      this.#failure = failure;
    }
    this.#wait(Math.max(INTERVAL, SHARE * (this.#modules.now() - begun)));
  }
}
