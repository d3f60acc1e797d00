import { spawnSync } from 'node:child_process';
import { DirectorClient } from '../../../../src/api/client.ts';
import { runIpvsadm } from '../../../../src/ipvsadm/run.ts';
import { systemNames } from '../../../../src/ipvsadm/system-names.ts';
import type { Twin } from '../../ebpf/twin-address.ts';

const SEPARATOR = '\x1e';

/** `ipvsadm` at both directors: the original at the kernel's, vipr's at the engine's. */
export class TwinTables {
  readonly #client: DirectorClient;
  readonly #names = systemNames();

  constructor(socket: string) {
    this.#client = new DirectorClient(socket);
  }

  /** Carries out lines of `ipvsadm -R` at both; throws where either complains. */
  async configure(lines: readonly string[]): Promise<void> {
    const input = lines.map((line) => `${line}\n`).join('');
    const { status, stderr } = spawnSync('ip', ['netns', 'exec', 'kernel', '/usr/sbin/ipvsadm', '-R'], {
      input,
      encoding: 'utf8',
    });
    if (status !== 0 || stderr !== '') throw new Error(`ipvsadm -R: ${stderr}of ${lines.join('; ')}`);
    await this.#vipr(['-R'], input);
  }

  /** What `ipvsadm WORDS` prints at both, one soon after the other, for each of the commands. */
  async lists(commands: readonly string[]): Promise<Readonly<Record<Twin, readonly string[]>>> {
    const script = commands.map((words) => `/usr/sbin/ipvsadm ${words}; printf '\\036'`).join('\n');
    const { stdout, stderr } = spawnSync('ip', ['netns', 'exec', 'kernel', 'sh', '-c', script], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (stderr !== '') throw new Error(stderr);
    const vipr: string[] = [];
    for (const words of commands) vipr.push(await this.#vipr(words.split(' ')));
    return { kernel: stdout.split(SEPARATOR).slice(0, -1), vipr };
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #vipr(words: readonly string[], input = ''): Promise<string> {
    let output = '';
    let complaints = '';
    const code = await runIpvsadm(
      words,
      {
        stdin: async () => input,
        stdout: (text) => {
          output += text;
        },
        stderr: (text) => {
          complaints += text;
        },
      },
      { openEngine: async () => this.#client, names: this.#names },
    );
    if (code !== 0 || complaints !== '')
      throw new Error(`vipr's ipvsadm ${words.join(' ')}: ${complaints} of ${input}`);
    return output;
  }
}
