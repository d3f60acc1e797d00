/** Bytes that one read takes at most, and that a stalled direction of a connection holds. */
export const BUFFER_BYTES = 256 * 1024;

/** Buffers for reading; one that holds unsent bytes stays with its stream until they are sent. */
export class BufferPool {
  readonly #free: Uint8Array[] = [];
  /** Buffers kept for reuse; more are left to the garbage collector. */
  readonly #keep: number;

  constructor(keep: number) {
    this.#keep = keep;
  }

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(BUFFER_BYTES);
  }

  give(buffer: Uint8Array): void {
    if (this.#free.length < this.#keep && buffer.length === BUFFER_BYTES) this.#free.push(buffer);
  }
}
