import type { MiscProbe } from '../model/check.ts';
import type { Milliseconds } from '../model/unit.ts';
import type { Attempt, Checker, Verdict } from './checker.ts';
import { describeScriptEnd } from './script/describe-script-end.ts';
import { runScript, type ScriptEnd } from './script/run-script.ts';

/**
 * A program whose exit code is the answer. 0 is good; with `dynamic` 2 to 255 are good, too, and set the weight to the code
 * less 2; everything else is bad: other codes, signals, no end in time (keepalived's check_misc.c,
 * misc_check_child_thread).
 */
export function createMiscChecker(run = runScript): Checker<MiscProbe> {
  return {
    kind: 'misc',
    describe: ({ probe }) => probe.command.argv.join(' '),
    check: async ({ probe, signal }: Attempt<MiscProbe>): Promise<Verdict> => {
      // Without a limit of its own it has the time of the attempt; what outlives SIGKILL is for the watch over hung checks.
      const end = await run(probe.command, { timeout: NO_LIMIT, giveUp: NO_LIMIT, signal });
      if (signal.aborted && end.kind !== 'exited')
        return { good: false, detail: describeScriptEnd({ ...end, kind: 'timed-out' }) };
      return judge(end, probe);
    },
  };
}

function judge(end: ScriptEnd, { dynamic }: MiscProbe): Verdict {
  const detail = describeScriptEnd(end);
  if (end.kind !== 'exited') return { good: false, detail };
  if (end.code === 0) return { good: true, detail };
  if (!dynamic || end.code === 1) return { good: false, detail };
  return { good: true, detail, weight: { set: end.code - 2 } };
}

const NO_LIMIT = Number.POSITIVE_INFINITY as Milliseconds;

/** With scripts that run whoever may change them. */
export const miscChecker = createMiscChecker();
