import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DirectorClient } from '../../src/api/client.ts';
import { CHECKOUT } from '../project/source-file.ts';

/** What a shell command did. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds in which a director must answer, and a command end. */
const LIMIT = 20_000;

/** A directory of its own with a director, in which commands of the documentation are run as a reader would. */
export class Lab implements AsyncDisposable {
  /** Where commands run. */
  readonly directory = mkdtempSync(join(tmpdir(), 'vipr-docs-'));
  readonly socket = join(this.directory, 'vipr.sock');
  readonly #env: NodeJS.ProcessEnv;
  #director: ChildProcess | undefined;

  /** `files` by name go into the directory; `bin` is where the commands are, absolute or relative to the directory. */
  constructor(files: Readonly<Record<string, string>> = {}, bin = join(CHECKOUT, 'bin')) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.directory, name), text);
    this.#env = {
      ...withoutNpm(process.env),
      PATH: [resolve(this.directory, bin), dirname(process.execPath), process.env.PATH].join(delimiter),
      VIPR_SOCKET: this.socket,
      // What the commands print is compared byte for byte.
      NO_COLOR: '1',
      COLUMNS: '80',
    };
  }

  /** Starts `vipr up` with these arguments and waits until it answers. */
  async startDirector(...args: readonly string[]): Promise<void> {
    const director = spawn('vipr', ['up', '--log-level', 'error', ...args], {
      cwd: this.directory,
      env: this.#env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#director = director;
    const client = new DirectorClient(this.socket);
    try {
      for (const limit = Date.now() + LIMIT; Date.now() < limit; await delay(50)) {
        if (director.exitCode !== null) throw new Error(`vipr up ended with ${director.exitCode}`);
        if ((await client.info().catch(() => undefined)) !== undefined) return;
      }
      throw new Error(`vipr up did not answer within ${LIMIT / 1000} s`);
    } finally {
      await client.close();
    }
  }

  /** Runs a command line in a shell, with the commands first in PATH and VIPR_SOCKET set. */
  async run(command: string, limit = LIMIT): Promise<Outcome> {
    const shell = spawn('sh', ['-c', command], {
      cwd: this.directory,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limit,
    });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      shell[stream].setEncoding('utf8').on('data', (chunk: string) => {
        output[stream] += chunk;
      });
    }
    const [code] = (await once(shell, 'close')) as [number | null];
    return { code, ...output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const director = this.#director;
    if (director !== undefined && director.exitCode === null && director.signalCode === null) {
      const ended = once(director, 'exit');
      director.kill('SIGKILL');
      await ended;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** npm's settings of the run that the tests belong to are none of the commands' business. */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}
