import type { ScriptCommand } from '../../model/script-command.ts';
import type { RunScriptOptions, ScriptEnd } from '../script/run-script.ts';
import type { Timers } from '../timers.ts';
import type { NotifyProblem } from './notify-problem.ts';

/** What a notifier needs of the rest. */
export interface NotifyModules {
  /** `runScript`, but for tests. */
  readonly runScript: (command: ScriptCommand, options: RunScriptOptions) => Promise<ScriptEnd>;
  /** May not throw. */
  readonly onProblem: (problem: NotifyProblem) => void;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
  /** Absent: the system's. */
  readonly timers?: Timers;
}
