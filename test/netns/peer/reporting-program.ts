import { until } from '../ebpf/fixture/until.ts';
import type { Host } from '../lab/host.ts';
import type { Program } from '../lab/program.ts';

/** A program at a host that prints a line of JSON when it has begun, and one whenever it gets a SIGUSR1. */
export class ReportingProgram<Report> {
  readonly #program: Program;
  #reports = 0;

  private constructor(program: Program) {
    this.#program = program;
  }

  /** Resolves when it has begun. `options` is its argument, as JSON. */
  static async start<Report>(host: Host, script: URL, options: object): Promise<ReportingProgram<Report>> {
    const words = [process.execPath, script.pathname, JSON.stringify(options)];
    const started = new ReportingProgram<Report>(host.start(words));
    await started.#report();
    return started;
  }

  /** Has it say how it stands. */
  ask(): Promise<Report> {
    process.kill(this.#program.pid, 'SIGUSR1');
    return this.#report();
  }

  async close(): Promise<void> {
    await this.#program.stop();
  }

  async #report(): Promise<Report> {
    const line = await until(() => {
      const [next, unfinished] = this.#program.stdout.toString().split('\n').slice(this.#reports);
      if (next === undefined || unfinished === undefined)
        throw new Error(`${this.#program.words.at(-2)}: no report: ${this.#program.stderr}`);
      return next;
    }, 60_000);
    this.#reports += 1;
    return JSON.parse(line) as Report;
  }
}
