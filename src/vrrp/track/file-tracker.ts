import type { Timers } from '../run-script.ts';
import { poll } from './poll.ts';

/** How often a file is looked at, in milliseconds. */
const INTERVAL = 500;
/** Values beyond this are taken for it (keepalived.conf(5), track_file). */
const MOST = 254;

/** The first bytes of a file; undefined where it is not there. May reject. */
export type ReadFile = (path: string) => Promise<string | undefined>;

/** Follows the number that a file says; 0 where it says none, or is missing. */
export class FileTracker {
  readonly path: string;
  readonly close: () => void;
  #value = 0;
  #isSettled = false;

  constructor(path: string, modules: { readFile: ReadFile; timers: Timers; onChange: () => void }) {
    this.path = path;
    this.close = poll(
      async () => {
        const text = await modules.readFile(path).catch(() => undefined);
        const value = numberIn(text ?? '');
        const isNews = value !== this.#value || !this.#isSettled;
        this.#value = value;
        this.#isSettled = true;
        if (isNews) modules.onChange();
      },
      INTERVAL,
      modules.timers,
    );
  }

  /** -254 to 254. */
  get value(): number {
    return this.#value;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }
}

function numberIn(text: string): number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? 0 : Math.min(MOST, Math.max(-MOST, number));
}
