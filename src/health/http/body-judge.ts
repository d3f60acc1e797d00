import { createHash } from 'node:crypto';
import type { HttpRequest } from '../../model/check.ts';
import { matchesWithin } from './matches-within.ts';

/** Bytes of a body in which a pattern is looked for. What comes behind them is not searched. */
export const MOST_SEARCHED_BYTES = 4 * 1024 * 1024;

/** Bytes of a body that is of no interest, after which no more are waited for. */
const MOST_IGNORED_BYTES = 4 * 1024 * 1024;

/** Sees the bytes of a body go by, and says whether they are what the request wants. Keeps only what a pattern is looked for in. */
export class BodyJudge {
  readonly #request: HttpRequest;
  readonly #hash: ReturnType<typeof createHash> | undefined;
  /** Copied together: a server may cut a body into millions of pieces. */
  #kept = Buffer.alloc(0);
  #keptBytes = 0;
  #bytes = 0;

  constructor(request: HttpRequest) {
    this.#request = request;
    if (request.digest !== undefined) this.#hash = createHash(request.digest.algorithm);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether all that matters of the body was seen, although there is more. */
  get enough(): boolean {
    if (this.#hash !== undefined) return false;
    return this.#request.body === undefined
      ? this.#bytes >= MOST_IGNORED_BYTES
      : this.#keptBytes >= MOST_SEARCHED_BYTES;
  }

  take(piece: Buffer): void {
    this.#bytes += piece.length;
    this.#hash?.update(piece);
    if (this.#request.body === undefined || this.#keptBytes >= MOST_SEARCHED_BYTES) return;
    const kept = piece.subarray(0, MOST_SEARCHED_BYTES - this.#keptBytes);
    this.#grow(this.#keptBytes + kept.length);
    kept.copy(this.#kept, this.#keptBytes);
    this.#keptBytes += kept.length;
  }

  /** What is wrong with the body; undefined where nothing is. To be asked once, at its end. */
  objection(): string | undefined {
    const { digest, body } = this.#request;
    if (digest !== undefined && this.#hash !== undefined) {
      const found = this.#hash.digest('hex');
      if (found !== digest.value) return `the body's ${digest.algorithm} is ${found}`;
    }
    if (body === undefined) return undefined;
    if (matchesWithin(this.#kept.subarray(0, this.#keptBytes), body) !== body.absent) return undefined;
    return body.absent ? 'the body contains the pattern' : 'the body does not contain the pattern';
  }

  #grow(bytes: number): void {
    if (bytes <= this.#kept.length) return;
    const larger = Buffer.alloc(Math.min(Math.max(bytes, 2 * this.#kept.length), MOST_SEARCHED_BYTES));
    this.#kept.copy(larger);
    this.#kept = larger;
  }
}
