import type { ScriptCommand } from '../../model/script-command.ts';
import type { Milliseconds } from '../../model/unit.ts';
import { findProgram } from './find-program.ts';
import { scriptEnvironment } from './script-environment.ts';
import { runProcess } from './script-process.ts';
import { resolveScriptUser, type ScriptUser } from './script-user.ts';
import { whyNotStarted } from './why-not-started.ts';

/** How a script ended. */
export type ScriptEnd =
  | { readonly kind: 'exited'; readonly code: number; readonly lastLine?: string }
  /** By a signal, its own or that of the caller who called it off. */
  | { readonly kind: 'signalled'; readonly signal: string; readonly lastLine?: string }
  | { readonly kind: 'timed-out'; readonly lastLine?: string }
  /** `reason` is for people: `no such file: /etc/vipr/check`. */
  | { readonly kind: 'not-started'; readonly reason: string };

/** How a script is run. */
export interface RunScriptOptions {
  /** For commands that give no time limit of their own. */
  readonly timeout: Milliseconds;
  /** Follow those of the command. */
  readonly args?: readonly string[];
  /** Added to the few variables that every script gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the script as its time limit does. */
  readonly signal?: AbortSignal;
  /** From SIGTERM to SIGKILL; 2 seconds where absent (keepalived's check_misc.c). */
  readonly grace?: Milliseconds;
  /** From SIGKILL to the end of the wait for a process that outlives it, as on a disk that hangs; 1 second where absent. */
  readonly giveUp?: Milliseconds;
}

/**
 * Runs a program without a shell, in a session and process group of its own, with `/` as its folder, nothing to read, and
 * what it prints thrown away but for the last line on standard error, `lastLine`. At the time limit, or when `signal` is
 * aborted, its whole group gets SIGTERM and later SIGKILL. What it leaves running after it ended in time is not touched.
 *
 * As another user it has that user's groups, all of them where setpriv(1) is installed, else the first one.
 *
 * Never throws, and waits for ever only where `giveUp` says so.
 */
export async function runScript(command: ScriptCommand, options: RunScriptOptions): Promise<ScriptEnd> {
  const [program = '', ...own] = command.argv;
  const args = [...own, ...(options.args ?? [])];
  let user: ScriptUser | undefined;
  try {
    user = await resolveScriptUser(command);
    const path = await findProgram(program, user);
    if (options.signal?.aborted) return { kind: 'not-started', reason: 'it was called off' };
    return await runProcess({
      path,
      name: program,
      args,
      env: { ...scriptEnvironment(user), ...options.env },
      timeout: command.timeout ?? options.timeout,
      grace: options.grace ?? GRACE,
      giveUp: options.giveUp ?? GIVE_UP,
      user,
      signal: options.signal,
    });
  } catch (error) {
    return { kind: 'not-started', reason: whyNotStarted(error, program, user) };
  }
}

const GRACE = 2000 as Milliseconds;
const GIVE_UP = 1000 as Milliseconds;
