import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Program } from '../test/netns/lab/program.ts';
import { showCommand, showOutput } from './console.ts';
import type { Role, Stage } from './stage/stage.ts';

const BIN = fileURLToPath(new URL('../bin', import.meta.url));
const LIMIT_MS = 20_000;

interface RunOptions {
  /** Exit codes besides 0 that are good. */
  readonly alsoGood?: readonly number[];
  readonly mostLines?: number;
}

/** Runs commands as a user would, and shows them with what they print. */
export class Shell {
  readonly #stage: Stage;
  readonly #environment: NodeJS.ProcessEnv;

  /** `socket` is the director's control socket. */
  constructor(stage: Stage, socket: string) {
    this.#stage = stage;
    this.#environment = {
      ...stage.environment,
      PATH: `${BIN}:${process.env.PATH ?? ''}`,
      VIPR_SOCKET: socket,
    };
  }

  /** What it printed. Rejects where its exit code is none of the good ones. */
  async run(line: string, { alsoGood = [], mostLines }: RunOptions = {}): Promise<string> {
    showCommand(line);
    const { code, stdout, stderr } = await this.#start('director', line).within(LIMIT_MS);
    const text = `${stdout}${stderr}`;
    showOutput(text, mostLines);
    if (code !== 0 && !alsoGood.includes(code ?? -1)) throw new Error(`${line} ended with ${code}: ${text}`);
    return text;
  }

  /** Starts what runs on. */
  start(line: string): Program {
    showCommand(`${line} &`);
    return this.#start('director', line);
  }

  #start(role: Role, line: string): Program {
    return this.#stage.start(
      role,
      ['sh', '-c', `cd "$0" && ${line.startsWith('vipr ') ? 'exec ' : ''}${line}`, this.#stage.directory],
      this.#environment,
    );
  }
}

/** Shows what a program prints, as it comes, until it has printed or done what is waited for. */
export class Follower {
  readonly #program: Program;
  #shown = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Rejects after `milliseconds`. */
  async until(isThere: (text: string) => boolean, milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (true) {
      const text = `${this.#program.stdout}`;
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      showOutput(whole.slice(this.#shown));
      this.#shown = whole.length;
      if (isThere(whole)) return;
      if (this.#program.isOver || performance.now() > deadline) {
        throw new Error(`${this.#program.words.at(-1)}: ${text}${this.#program.stderr}`);
      }
      await sleep(50);
    }
  }
}
