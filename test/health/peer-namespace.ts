import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { enterOwnNetwork } from '../netlink/own-network.ts';

/**
 * A network namespace beside the test's own, joined to it by a pair of veth. It ends, with what was started in it, by
 * {@link close}.
 */
export class PeerNamespace {
  readonly name: string;
  readonly #link: string;
  readonly #children = new Set<ChildProcess>();

  /**
   * @param link name of both ends: `${link}a` in the test's namespace and `${link}b` in this one
   */
  constructor(link: string) {
    this.name = `hp-${process.pid}-${link}`;
    this.#link = link;
    ip('netns', 'add', this.name);
    try {
      ip('link', 'add', `${link}a`, 'type', 'veth', 'peer', 'name', `${link}b`, 'netns', this.name);
      this.run('ip', 'link', 'set', 'lo', 'up');
      // Without waiting for duplicates to be found, so that IPv6 addresses can be used at once.
      for (const [run, end] of [
        [execute, `${link}a`],
        [this.run.bind(this), `${link}b`],
      ] as const) {
        run('sysctl', '-qw', `net.ipv6.conf.${end}.accept_dad=0`);
        run('ip', 'link', 'set', end, 'up');
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Runs a program in the namespace to its end. */
  run(...words: readonly string[]): void {
    execute('ip', 'netns', 'exec', this.name, ...words);
  }

  /** Runs a program in the namespace to its end, and returns what it printed. */
  output(...words: readonly string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, ...words], { encoding: 'utf8' });
  }

  /** Runs a module in the namespace, by the Node.js of this process, until {@link close}; resolves with its first line. */
  async start(source: string): Promise<string> {
    const words = ['netns', 'exec', this.name, process.execPath, '--input-type=module', '-e', source];
    const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.add(child);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return line;
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    try {
      // The kernel takes its time to end a namespace, and the other end with it.
      ip('link', 'delete', `${this.#link}a`);
    } catch {
      // It was not made, or was moved.
    }
    ip('netns', 'delete', this.name);
  }
}

/** Takes this process into a network namespace with a loopback that is up. Returns why that cannot be, or undefined. */
export function enterTestNetwork(): string | undefined {
  const reason = enterOwnNetwork();
  if (reason !== undefined) return reason;
  try {
    ip('link', 'set', 'lo', 'up');
    return undefined;
  } catch (error) {
    return `needs ip of iproute2: ${error instanceof Error ? error.message : error}`;
  }
}

/** ip(8) in this process's namespace; throws with what it printed. */
export function ip(...words: readonly string[]): void {
  execute('ip', ...words);
}

/** Runs a program in this process's namespace; throws with what it printed. */
export function execute(program: string, ...words: readonly string[]): void {
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
