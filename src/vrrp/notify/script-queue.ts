import type { ScriptCommand } from '../../model/script-command.ts';
import type { Milliseconds } from '../../model/unit.ts';
import type { RunScript, Timers } from '../run-script.ts';

/** Scripts of one subject that wait for an earlier one; with one more, the oldest is given up. */
const MOST_WAITING = 16;
/** What a script without a limit of its own has. */
const TIME_LIMIT = 60_000 as Milliseconds;

interface Waiting {
  readonly command: ScriptCommand;
  readonly args: readonly string[];
}

/** Runs the scripts of each subject one after the other, so that what was true last is told last. */
export class ScriptQueue {
  readonly #runScript: RunScript;
  readonly #onProblem: (subject: string, text: string) => void;
  readonly #calledOff = new AbortController();
  /** By subject, while one of its scripts runs: those that wait. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #running = new Set<Promise<void>>();

  constructor(runScript: RunScript, onProblem: (subject: string, text: string) => void) {
    this.#runScript = runScript;
    this.#onProblem = onProblem;
  }

  run(subject: string, command: ScriptCommand, args: readonly string[]): void {
    const waiting = this.#waiting.get(subject);
    if (waiting === undefined) {
      this.#waiting.set(subject, [{ command, args }]);
      const running = this.#runAll(subject).finally(() => this.#running.delete(running));
      this.#running.add(running);
      return;
    }
    waiting.push({ command, args });
    if (waiting.length <= MOST_WAITING) return;
    const given = waiting.shift();
    this.#onProblem(subject, `script ${given?.command.argv[0]} not run: too many wait for an earlier one`);
  }

  /** Lets scripts end within so many milliseconds, then ends what still runs. */
  async close(limit: number, timers: Timers): Promise<void> {
    const disarm = timers.after(limit, () => {
      for (const waiting of this.#waiting.values()) waiting.length = 0;
      this.#calledOff.abort();
    });
    while (this.#running.size > 0) await Promise.all(this.#running);
    disarm();
  }

  async #runAll(subject: string): Promise<void> {
    const waiting = this.#waiting.get(subject) ?? [];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { signal } = this.#calledOff;
      const { command, args } = next;
      const { succeeded, text } = await this.#runScript(command, { timeout: TIME_LIMIT, args, signal });
      if (!succeeded) this.#onProblem(subject, `script ${command.argv[0]}: ${text}`);
    }
    this.#waiting.delete(subject);
  }
}
