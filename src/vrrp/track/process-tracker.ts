import type { Timers } from '../run-script.ts';
import { poll } from './poll.ts';

/** How often processes are looked for, in milliseconds. */
const INTERVAL = 500;

/** Whether a process of each of these names runs. May reject. */
export type FindProcesses = (names: ReadonlySet<string>) => Promise<ReadonlySet<string>>;

/** Follows which programs run. */
export class ProcessTracker {
  readonly names: ReadonlySet<string>;
  readonly close: () => void;
  #running: ReadonlySet<string> = new Set();
  #isSettled = false;

  constructor(
    names: ReadonlySet<string>,
    modules: { findProcesses: FindProcesses; timers: Timers; onChange: () => void },
  ) {
    this.names = names;
    this.close = poll(
      async () => {
        const running = await modules.findProcesses(names).catch(() => this.#running);
        const isNews =
          !this.#isSettled || [...names].some((name) => running.has(name) !== this.#running.has(name));
        this.#running = running;
        this.#isSettled = true;
        if (isNews) modules.onChange();
      },
      INTERVAL,
      modules.timers,
    );
  }

  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }
}
