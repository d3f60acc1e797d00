import type { Duplex } from 'node:stream';
import type { SyncSystem } from '../service-modules.ts';
import { TRANSFER_IDLE_MS, TRANSFER_MOST_MS } from '../timing.ts';

/** Destroys a stream that makes no progress, or takes too long. */
export class TransferLimit {
  readonly #stream: Duplex;
  readonly #after: SyncSystem['after'];
  readonly #cancelMost: () => void;
  #cancelIdle = (): void => {};

  constructor(stream: Duplex, after: SyncSystem['after']) {
    this.#stream = stream;
    this.#after = after;
    this.#cancelMost = this.#cutAfter(TRANSFER_MOST_MS, 'not complete');
    this.progress();
  }

  progress(): void {
    this.#cancelIdle();
    this.#cancelIdle = this.#cutAfter(TRANSFER_IDLE_MS, 'no progress');
  }

  /** The stream is on its own from now on. */
  end(): void {
    this.#cancelIdle();
    this.#cancelMost();
  }

  #cutAfter(milliseconds: number, what: string): () => void {
    return this.#after(milliseconds, () =>
      this.#stream.destroy(new Error(`${what} within ${milliseconds / 1000} s`)),
    );
  }
}
