import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type CpuTime, cpuTimeOf, memoryOf } from './process-usage.ts';

/** Descriptors that a benchmarked program may open. */
const DESCRIPTORS = 65_536;

/** A program with the processes that it starts, ended by id. */
export class ProcessGroup {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts a program with room for many descriptors and waits until it listens on the port of 127.0.0.1. */
  static async start(program: string, args: readonly string[], port: number): Promise<ProcessGroup> {
    const limited = ['-c', `ulimit -n ${DESCRIPTORS} 2>/dev/null || ulimit -n $(ulimit -Hn); exec "$0" "$@"`];
    const child = spawn('sh', [...limited, program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaints = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    for (let wait = 0; wait < 100; wait++) {
      if (child.exitCode !== null) break;
      if (await accepts(port)) return new ProcessGroup(child);
      await delay(100);
    }
    child.kill('SIGKILL');
    throw new Error(`${program} does not listen on port ${port}: ${complaints}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 3000);
    await exited;
    clearTimeout(late);
  }

  /** Processor time of all processes of the group so far. */
  cpu(): CpuTime {
    return cpuTimeOf(this.#pid);
  }

  /** {@link memoryOf} the group, in bytes. */
  memory(): number {
    return memoryOf(this.#pid);
  }

  get #pid(): number {
    return this.#child.pid ?? 0;
  }
}

/** Open files that a process started here may have at most. */
export function hardDescriptorLimit(): number {
  return Number(
    run('sh', ['-c', `ulimit -n ${DESCRIPTORS} 2>/dev/null && echo ${DESCRIPTORS} || ulimit -Hn`]),
  );
}

/** Runs a program to its end and returns what it printed. */
export function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** Which of the programs are not installed. */
export function missingPrograms(programs: readonly string[]): string[] {
  return programs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(port, '127.0.0.1');
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
