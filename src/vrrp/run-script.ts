import type { ScriptCommand } from '../model/script-command.ts';
import type { Milliseconds } from '../model/unit.ts';

/** How a script ended: whether with 0, and in words for people. */
export interface ScriptResult {
  readonly succeeded: boolean;
  readonly text: string;
}

/** Runs a script; never rejects. `args` follow those of the command; `timeout` is for commands without one of their own. */
export type RunScript = (
  command: ScriptCommand,
  options: {
    readonly timeout: Milliseconds;
    readonly args?: readonly string[];
    readonly signal?: AbortSignal;
  },
) => Promise<ScriptResult>;

/** What waits. */
export interface Timers {
  /** Calls back after that many milliseconds, unless the answer is called before. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}
