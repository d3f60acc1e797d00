import { CheckFailure } from './talk.ts';

/** Parts bytes that come in pieces into lines; ends of lines are LF or CRLF, and not part of them. */
export class LineReader {
  readonly #most: number;
  readonly #what: string;
  #begun = '';

  /** `most`: bytes that a line may have. `what`: what its lines are, for the error: `a line of the response's head`. */
  constructor(most: number, what: string) {
    this.#most = most;
    this.#what = what;
  }

  /** The line that has begun, as far as it came. */
  get begun(): string {
    return this.#begun;
  }

  /**
   * Takes bytes from `at` on, up to the end of a line. The line, as latin1, is undefined where its end has not come yet. Throws
   * {@link CheckFailure} where it is too long.
   */
  read(bytes: Buffer, at: number): { readonly line: string | undefined; readonly next: number } {
    const end = bytes.indexOf(LF, at);
    const until = end < 0 ? bytes.length : end;
    if (this.#begun.length + until - at > this.#most)
      throw new CheckFailure(`${this.#what} is longer than ${this.#most} bytes`);
    this.#begun += bytes.toString('latin1', at, until);
    if (end < 0) return { line: undefined, next: until };
    const line = this.#begun.endsWith('\r') ? this.#begun.slice(0, -1) : this.#begun;
    this.#begun = '';
    return { line, next: end + 1 };
  }
}

const LF = 0x0a;
