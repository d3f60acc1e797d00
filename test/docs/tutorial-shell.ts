import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ShellResult {
  /** Standard output and standard error as they came. */
  readonly output: string;
  /** The commands that failed, with their exit codes. */
  readonly failures: readonly string[];
}

/**
 * One bash, in which blocks of commands run one after another, as in a reader's terminal: variables, descriptors and
 * background processes stay. It is a process group of its own, which `end` ends whole; if the test itself is
 * killed, bash reads the end of its input and ends the group.
 */
export class TutorialShell {
  readonly #home: string;
  readonly #bash: ChildProcess;
  #count = 0;

  /** `home` is an empty directory; commands start in `directory`, and find `programs` (directories) in PATH last. */
  constructor(home: string, directory: string, programs: readonly string[]) {
    this.#home = home;
    mkdirSync(join(home, BLOCKS));
    this.#bash = spawn('bash', ['--noprofile', '--norc'], {
      cwd: directory,
      detached: true,
      env: environment(home, programs),
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#bash.stdin?.on('error', () => undefined);
    this.#send(`
      trap 'trap "" TERM; kill -TERM 0' EXIT
      trap 'printf "%s: exit code %s\\n" "$BASH_COMMAND" "$?" >>"$failures"' ERR`);
  }

  /** Runs a block. Throws where it is not done within `limit` milliseconds. */
  async run(code: string, limit: number): Promise<ShellResult> {
    const block = join(this.#home, BLOCKS, String(++this.#count));
    writeFileSync(block, code);
    writeFileSync(`${block}.failures`, '');
    this.#send(
      `failures='${block}.failures'; . '${block}' </dev/null >'${block}.output' 2>&1; : >'${block}.done'`,
    );
    const give = Date.now() + limit;
    while (!readdirSync(join(this.#home, BLOCKS)).includes(`${this.#count}.done`)) {
      const output = () => readFileSync(`${block}.output`, 'utf8');
      if (this.#bash.exitCode !== null)
        throw new Error(`bash ended with ${this.#bash.exitCode}\n${output()}`);
      if (Date.now() > give) throw new Error(`not done within ${limit} ms; so far it printed\n${output()}`);
      await delay(10);
    }
    return {
      output: readFileSync(`${block}.output`, 'utf8'),
      failures: readFileSync(`${block}.failures`, 'utf8').split('\n').slice(0, -1),
    };
  }

  /** The command lines of what the blocks started and what still runs. */
  running(): string[] {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== this.#bash.pid)
      .filter((pid) => groupOf(pid) === this.#bash.pid)
      .map((pid) => readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim())
      .filter((line) => line !== '');
  }

  /** Ends bash and everything that was started in it. */
  async end(): Promise<void> {
    const exited = this.#bash.exitCode === null ? once(this.#bash, 'exit') : undefined;
    this.#bash.stdin?.end();
    const late = setTimeout(() => this.#signal('SIGKILL'), 5_000);
    await exited;
    for (let wait = 0; wait < 300 && this.running().length > 0; wait++) await delay(10);
    clearTimeout(late);
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#bash.pid === undefined) return;
    try {
      process.kill(-this.#bash.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  #send(line: string): void {
    this.#bash.stdin?.write(`${line}\n`);
  }
}

const BLOCKS = '.blocks';

function environment(home: string, programs: readonly string[]): NodeJS.ProcessEnv {
  const { PATH = '/usr/bin:/bin', LD_LIBRARY_PATH } = process.env;
  const path = [...PATH.split(delimiter), ...programs].join(delimiter);
  return { HOME: home, PATH: path, LC_ALL: 'C', ...(LD_LIBRARY_PATH && { LD_LIBRARY_PATH }) };
}

/** The process group of a process (proc(5), /proc/pid/stat: the third field after the name). */
function groupOf(pid: string): number {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
