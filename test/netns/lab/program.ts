import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a program ended. */
export interface Outcome {
  /** Exit code; null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A program that runs, with all that it printed so far. It does not outlive this process. */
export class Program {
  readonly words: readonly string[];
  /** Of the program itself, which the wrappers before it have become. */
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #isOver = false;

  /** Throws where a word holds a NUL, or there is no setpriv; a program that is not there ends with 127 or so. */
  constructor(words: readonly string[], input = '', environment: NodeJS.ProcessEnv = {}) {
    this.words = words;
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...words], {
      // A process group of its own, so that a limit ends what a shell started, too.
      detached: true,
      env: { ...process.env, LC_ALL: 'C', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    if (this.#child.pid === undefined) {
      this.#child.on('error', () => {});
      throw new Error(`cannot start setpriv, for ${words.join(' ')}`);
    }
    this.pid = this.#child.pid;
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#stdout.push(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // Programs need not read their input.
    this.#child.stdin?.on('error', () => {}).end(input);
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      this.#isOver = true;
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#stdout);
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString();
  }

  /** Sends the signal, and SIGKILL to the whole group if the program has not ended within `milliseconds`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', milliseconds = 2000): Promise<Outcome> {
    this.#signal(signal);
    const given = AbortSignal.timeout(milliseconds);
    await Promise.race([this.ended, once(given, 'abort')]);
    this.kill();
    return this.ended;
  }

  /** SIGKILL to the whole group, without waiting. What left the group can hold the pipes: they are let go. */
  kill(): void {
    this.#signal('SIGKILL', -this.pid);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) this.#letGo();
    else this.#child.once('exit', () => this.#letGo());
  }

  /** The outcome; after `milliseconds` the program is killed, and this rejects with what it printed. */
  async within(milliseconds: number): Promise<Outcome> {
    const over = new AbortController();
    const limit = sleep(milliseconds, 'limit' as const, { signal: over.signal }).catch(
      () => 'ended' as const,
    );
    const first = await Promise.race([this.ended, limit]);
    over.abort();
    if (typeof first === 'object') return first;
    this.kill();
    const { stdout, stderr } = await this.ended;
    throw new Error(`${this.words.join(' ')} did not end in ${milliseconds} ms: ${stdout}${stderr}`);
  }

  #letGo(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #signal(signal: NodeJS.Signals, pid = this.pid): void {
    if (this.#isOver) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}
