import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** How long a test waits for a child before it fails, in milliseconds. */
const PATIENCE = 20_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A real `vipr` process with a directory of its own, for tests; `dispose` ends it whatever became of the test. */
export class ViprProcess {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, ...env } });
    this.#child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Waits until the log on stderr has the text; throws where the process ends before, or takes too long. */
  async logs(text: string): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!this.stderr.includes(text)) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || Date.now() > deadline) {
        throw new Error(`vipr did not log ${JSON.stringify(text)} but:\n${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.ended;
  }
}

/** A directory for one test, with the path of a control socket in it. */
export class TestDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'vipr-up-'));
  readonly socket = join(this.path, 'vipr.sock');

  write(name: string, text: string): string {
    const file = join(this.path, name);
    writeFileSync(file, text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}
