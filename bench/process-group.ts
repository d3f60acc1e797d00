import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Clock ticks a second in /proc/PID/stat (USER_HZ). */
const USER_HZ = 100;
/** Descriptors that a benchmarked program may open. */
const DESCRIPTORS = 65_536;

/** Processor time in seconds. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

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
    let user = 0;
    let system = 0;
    for (const pid of this.#pids()) {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      user += Number(fields[11]) / USER_HZ;
      system += Number(fields[12]) / USER_HZ;
    }
    return { user, system };
  }

  /** Memory of all processes of the group in bytes, shared pages divided among those that share them (PSS). */
  memory(): number {
    let kilobytes = 0;
    for (const pid of this.#pids()) {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
    }
    return kilobytes * 1024;
  }

  #pids(): number[] {
    const pids = [this.#child.pid ?? 0];
    for (const parent of pids) {
      for (const task of readdirSync(`/proc/${parent}/task`)) {
        const children = readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8').trim();
        if (children !== '') pids.push(...children.split(' ').map(Number));
      }
    }
    return pids;
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
