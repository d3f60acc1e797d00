import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NAMESPACE_DIRECTORY } from './demolish.ts';
import { type Outcome, Program } from './program.ts';
import { namespaceOf, type Site } from './site.ts';

export interface RunOptions {
  /** 10,000 unless given. */
  readonly limitMs?: number;
  /** Standard input. */
  readonly input?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * A network namespace in which programs run. Each runs under `ip netns exec`: with a mount namespace of its own, where /sys
 * shows the host's devices. What it mounts there ends with it; the lab's BPF file system, which was there before, is seen by all.
 */
export class Host {
  readonly name: string;
  /** Its name for ip-netns(8). */
  readonly namespace: string;
  /** A file for setns(2). */
  readonly path: string;
  readonly #programs = new Set<Program>();

  constructor(site: Site, name: string) {
    this.name = name;
    this.namespace = namespaceOf(site, name);
    this.path = join(NAMESPACE_DIRECTORY, this.namespace);
  }

  /** Runs a program to its end, whatever its exit code; rejects where it takes longer than the limit. */
  run(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return this.start(words, options).within(options.limitMs ?? 10_000);
  }

  /** What a program prints; rejects, with all that it said, where its exit code is not 0. */
  async output(words: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, signal, stdout, stderr } = await this.run(words, options);
    if (code === 0) return stdout.toString();
    throw new Error(`${this.name}: ${words.join(' ')} ended with ${code ?? signal}: ${stdout}${stderr}`);
  }

  /** {@link output} of a shell script, which ends at the first command that fails. */
  shell(script: string, options: Omit<RunOptions, 'input'> = {}): Promise<string> {
    return this.output(['sh', '-e'], { ...options, input: script });
  }

  /** Starts a program that runs until it is stopped, at the latest with the lab. */
  start(words: readonly string[], { input, environment }: Omit<RunOptions, 'limitMs'> = {}): Program {
    const program = new Program(['ip', 'netns', 'exec', this.namespace, ...words], input, environment);
    this.#programs.add(program);
    void program.ended.then(() => this.#programs.delete(program));
    return program;
  }

  /** Starts a server, and waits until it has its ports; rejects, with what it said, where it ends or takes 10 s. */
  async startServer(
    words: readonly string[],
    protocol: 'tcp' | 'udp',
    ports: readonly number[],
    options: Omit<RunOptions, 'limitMs'> = {},
  ): Promise<Program> {
    const program = this.start(words, options);
    const deadline = performance.now() + 10_000;
    while (!ports.every((port) => this.#hasPort(program.pid, protocol, port))) {
      if (program.isOver || performance.now() > deadline) {
        const { stdout, stderr } = await program.stop('SIGKILL');
        throw new Error(
          `${this.name}: no ${protocol} port ${ports} of ${words.join(' ')}: ${stdout}${stderr}`,
        );
      }
      await sleep(5);
    }
    return program;
  }

  /** Ends all programs that were started here. */
  async stopAll(): Promise<void> {
    const programs = [...this.#programs];
    for (const program of programs) program.kill();
    await Promise.all(programs.map(({ ended }) => ended));
  }

  /** In /proc/PID/net, once the process is in the namespace: proc_net(5). */
  #hasPort(pid: number, protocol: 'tcp' | 'udp', port: number): boolean {
    try {
      if (statSync(`/proc/${pid}/ns/net`).ino !== statSync(this.path).ino) return false;
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      // 0A is listening, 07 what every UDP socket is in.
      const line = new RegExp(
        `^ *\\d+: [0-9A-F]+:${hex} [0-9A-F]+:0000 ${protocol === 'tcp' ? '0A' : '07'} `,
        'm',
      );
      return ['', '6'].some((six) => line.test(readFileSync(`/proc/${pid}/net/${protocol}${six}`, 'latin1')));
    } catch {
      return false;
    }
  }
}
