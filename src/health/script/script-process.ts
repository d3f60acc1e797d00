import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Milliseconds } from '../../model/unit.ts';
import { LastLine } from './last-line.ts';
import type { ScriptEnd } from './run-script.ts';
import type { ScriptUser } from './script-user.ts';

/** A program to run, with everything resolved. */
export interface ProcessSettings {
  readonly path: string;
  /** What the program sees as its own name. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeout: Milliseconds;
  /** From SIGTERM to SIGKILL. */
  readonly grace: Milliseconds;
  /** From SIGKILL on. */
  readonly giveUp: Milliseconds;
  readonly user: ScriptUser | undefined;
  readonly signal: AbortSignal | undefined;
}

/** How long what a process left running may keep its standard error open before its end is told. */
const DRAIN_MS = 50;
/** Beyond it setTimeout fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs a program to its end, or to the end of its time. Rejects where it cannot be started. */
export function runProcess(settings: ProcessSettings): Promise<ScriptEnd> {
  return new RunningProcess(settings).ended;
}

class RunningProcess {
  readonly ended: Promise<ScriptEnd>;
  readonly #child: ChildProcess;
  readonly #grace: Milliseconds;
  readonly #giveUp: Milliseconds;
  readonly #line = new LastLine();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #settle: (end: ScriptEnd) => void;
  readonly #release: () => void;
  /** What it was told to end for. */
  #ending: 'timed-out' | 'called-off' | undefined;

  constructor(settings: ProcessSettings) {
    const { promise, resolve, reject } = Promise.withResolvers<ScriptEnd>();
    this.ended = promise;
    this.#settle = resolve;
    this.#grace = settings.grace;
    this.#giveUp = settings.giveUp;
    const callOff = (): void => this.#terminate('called-off');
    this.#release = () => settings.signal?.removeEventListener('abort', callOff);

    this.#child = start(settings);
    this.#child.stderr?.on('data', (bytes: Buffer) => this.#line.add(bytes));
    this.#child.once('error', (error) => {
      this.#letGo();
      reject(error);
    });
    this.#child.once('exit', (code, signal) => this.#exited(code, signal));
    if (this.#child.pid === undefined) return;
    settings.signal?.addEventListener('abort', callOff, { once: true });
    this.#after(settings.timeout, () => this.#terminate('timed-out'));
  }

  #terminate(why: 'timed-out' | 'called-off'): void {
    if (this.#ending !== undefined) return;
    this.#ending = why;
    this.#killGroup('SIGTERM');
    this.#after(this.#grace, () => {
      this.#killGroup('SIGKILL');
      this.#after(this.#giveUp, () => {
        this.#child.unref();
        this.#end(null, 'SIGKILL');
      });
    });
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    // The leader is gone in time; what it started has to go, too.
    if (this.#ending !== undefined) this.#killGroup('SIGKILL');
    this.#clearTimers();
    // From here on it cannot be called off.
    this.#release();
    const end = (): void => this.#end(code, signal);
    this.#child.once('close', end);
    this.#after(DRAIN_MS, end);
  }

  #end(code: number | null, signal: NodeJS.Signals | null): void {
    this.#letGo();
    const lastLine = this.#line.text;
    const printed = lastLine === '' ? {} : { lastLine };
    if (this.#ending === 'timed-out') this.#settle({ kind: 'timed-out', ...printed });
    // Who answers SIGTERM by an exit code has not finished its work: the code means nothing.
    else if (this.#ending === 'called-off' || code === null)
      this.#settle({ kind: 'signalled', signal: signal ?? 'SIGTERM', ...printed });
    else this.#settle({ kind: 'exited', code, ...printed });
  }

  #letGo(): void {
    this.#clearTimers();
    this.#release();
    this.#child.stderr?.destroy();
  }

  #killGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // Nothing is left of the group, or it runs as a user whom this process may not signal.
    }
  }

  #after(milliseconds: number, then: () => void): void {
    if (milliseconds === Number.POSITIVE_INFINITY) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        then();
      },
      Math.min(milliseconds, LONGEST_TIMER_MS),
    );
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** util-linux. */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];

function start({ path, name, args, env, user }: ProcessSettings): ChildProcess {
  // detached: setsid(2), so that the group can be ended as a whole and no terminal reaches it.
  const shared = { cwd: '/', env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] as 'pipe'[] };
  if (user === undefined) return spawn(path, args, { ...shared, argv0: name });
  const { uid, gid, supplementaryGroups } = user;
  const setpriv = SETPRIV.find((candidate) => existsSync(candidate));
  // spawn takes a uid and a gid, and drops all other groups (libuv, uv__process_child_init).
  if (setpriv === undefined || supplementaryGroups.length === 0 || process.geteuid?.() !== 0)
    return spawn(path, args, { ...shared, argv0: name, uid, gid });
  const become = [`--reuid=${uid}`, `--regid=${gid}`, `--groups=${[gid, ...supplementaryGroups].join(',')}`];
  return spawn(setpriv, [...become, '--', path, ...args], shared);
}
