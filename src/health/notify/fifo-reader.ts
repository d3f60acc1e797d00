import type { ScriptCommand } from '../../model/script-command.ts';
import type { Milliseconds } from '../../model/unit.ts';
import { describeScriptEnd } from '../script/describe-script-end.ts';
import { SYSTEM_TIMERS, type Timers } from '../timers.ts';
import type { NotifyModules } from './notify-modules.ts';

/** Ends in a row, each less than a minute after its start, with which it is given up. */
const MOST_ENDS = 6;
/** The wait before the second start, doubled for each further one; in milliseconds. */
const FIRST_PAUSE = 1000;
/** A reader that runs so long is well, in milliseconds. */
const WELL_AFTER = 60_000;
const NO_LIMIT = Number.POSITIVE_INFINITY as Milliseconds;

/** Keeps the program running that reads a named pipe. */
export class FifoReader {
  readonly #modules: NotifyModules;
  readonly #command: ScriptCommand;
  readonly #path: string;
  readonly #calledOff = new AbortController();
  #retired = false;
  #givenUp = false;
  #endPause: () => void = () => undefined;
  /** Fulfilled when the program has ended, and is not started any more. */
  readonly ended: Promise<void>;

  constructor(command: ScriptCommand, path: string, modules: NotifyModules) {
    this.#command = command;
    this.#path = path;
    this.#modules = modules;
    this.ended = this.#keepRunning();
  }

  /** Whether it is not started any more, because it ended too often. */
  get isGivenUp(): boolean {
    return this.#givenUp;
  }

  /** Starts it no more; one that runs may go on. */
  retire(): void {
    this.#retired = true;
    this.#endPause();
  }

  /** Ends it. */
  stop(): void {
    this.retire();
    this.#calledOff.abort();
  }

  async #keepRunning(): Promise<void> {
    const { now, onProblem, runScript, timers = SYSTEM_TIMERS } = this.#modules;
    for (let ends = 0; !this.#retired; ) {
      const startedAt = now();
      const { signal } = this.#calledOff;
      const end = await runScript(this.#command, { timeout: NO_LIMIT, args: [this.#path], signal });
      if (this.#retired) return;
      ends = now() - startedAt >= WELL_AFTER ? 1 : ends + 1;
      this.#givenUp = ends >= MOST_ENDS;
      const then = this.#givenUp
        ? 'is not started again before the configuration is reloaded'
        : 'is started again';
      const text = `${this.#path}: its reader ${this.#command.argv[0]} ${then}: ${describeScriptEnd(end)}`;
      onProblem({ kind: 'fifo', text });
      if (this.#givenUp) return;
      await this.#pause(FIRST_PAUSE * 2 ** (ends - 1), timers);
    }
  }

  #pause(milliseconds: number, timers: Timers): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const disarm = timers.after(milliseconds, resolve);
    this.#endPause = () => {
      disarm();
      resolve();
    };
    return promise;
  }
}
