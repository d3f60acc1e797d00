import type { DrainStatus } from '../api/operated-director.ts';
import { drainName, formatDrain, formatRunningDrain } from './format-drains.ts';

/** Shows how far drains are, again and again. */
export interface DrainDisplay {
  show(drains: readonly DrainStatus[]): void;
}

/** For files and pipes: a line for what has changed. */
export class ChangedLines implements DrainDisplay {
  readonly #write: (text: string) => void;
  readonly #shown = new Map<string, string>();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(drains: readonly DrainStatus[]): void {
    for (const drain of drains) {
      const line = formatDrain(drain);
      if (this.#shown.get(drainName(drain)) !== line) this.#write(`${line}\n`);
      this.#shown.set(drainName(drain), line);
    }
  }
}

/** For a terminal: a line for each drain, written over the one before. */
export class RewrittenLines implements DrainDisplay {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  readonly #now: () => number;
  #count = 0;

  /** `now` is in milliseconds since the epoch. */
  constructor(write: (text: string) => void, columns: () => number, now: () => number) {
    this.#write = write;
    this.#columns = columns;
    this.#now = now;
  }

  show(drains: readonly DrainStatus[]): void {
    // ECMA-48: CUU goes up by lines, EL with 0 clears to the end of the line.
    const up = this.#count === 0 ? '' : `\u001b[${this.#count}A`;
    const lines = drains.map((drain) => `\r${this.#fit(formatRunningDrain(drain, this.#now()))}\u001b[K\n`);
    this.#write(up + lines.join(''));
    this.#count = drains.length;
  }

  /** A line that wraps could not be written over. */
  #fit(line: string): string {
    const width = Math.max(1, this.#columns() - 1);
    return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
  }
}
