import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { atExit } from '../netns/lab/at-exit.ts';
import { demolish, demolishLeftovers } from '../netns/lab/demolish.ts';
import { Host } from '../netns/lab/host.ts';
import { type Outcome, Program } from '../netns/lab/program.ts';
import { directoryOf, namespaceOf, newSite } from '../netns/lab/site.ts';
import { CHECKOUT } from '../project/source-file.ts';

export interface TwoHostsOptions {
  /** Whether the client's device leaves checksums and segments to others; true unless given. */
  readonly offload?: boolean;
}

/**
 * A client and a server at the ends of one link, each with the settings that a new network namespace has:
 *
 *     client  eth0 10.9.0.1/24, fd09::1/64 --- eth0 10.9.0.2/24, fd09::2/64  server
 *
 * The client sends packets to 192.0.2.0/24 and 2001:db8::/64 to the server, with room for a tunnel's headers.
 */
export class TwoHosts {
  readonly client: Host;
  readonly server: Host;
  /** For files, gone with the hosts. */
  readonly directory: string;
  /** On a BPF file system that both hosts see. */
  readonly pins: string;
  readonly #site = newSite();
  readonly #disarm: () => void;

  private constructor() {
    this.client = new Host(this.#site, 'client');
    this.server = new Host(this.#site, 'server');
    this.directory = directoryOf(this.#site);
    this.pins = join(this.directory, 'bpf', 'realserver');
    this.#disarm = atExit(() => demolish(this.#site));
  }

  static async open(options: TwoHostsOptions = {}): Promise<TwoHosts> {
    demolishLeftovers();
    const hosts = new TwoHosts();
    try {
      await hosts.#build(options);
    } catch (error) {
      await hosts.close();
      throw error;
    }
    return hosts;
  }

  /** `vipr realserver WORDS` at the server, with a state file and pins of its own. */
  async vipr(...words: readonly string[]): Promise<Outcome & { readonly text: string }> {
    const command = [process.execPath, join(CHECKOUT, 'src/commands/main.ts'), 'realserver', ...words];
    const [action] = words;
    const pins = action === 'setup' ? ['--bpf-dir', this.pins] : [];
    const outcome = await this.server.run([...command, ...pins, '--state', join(this.directory, 'state')]);
    return { ...outcome, text: `${outcome.stdout}${outcome.stderr}` };
  }

  async close(): Promise<void> {
    await Promise.all([this.client.stopAll(), this.server.stopAll()]);
    demolish(this.#site);
    this.#disarm();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #build({ offload = true }: TwoHostsOptions): Promise<void> {
    mkdirSync(join(this.directory, 'bpf'), { recursive: true });
    await complete(['mount', '-t', 'bpf', 'bpf', join(this.directory, 'bpf')]);
    const [client, server] = ['client', 'server'].map((name) => namespaceOf(this.#site, name));
    await complete(
      ['ip', '-batch', '-'],
      `netns add ${client}\nnetns add ${server}\n` +
        `link add name eth0 netns ${client} type veth peer name eth0 netns ${server}\n`,
    );
    for (const [host, number] of [
      [this.client, 1],
      [this.server, 2],
    ] as const) {
      await host.shell(`
        ${offload ? '' : 'ethtool -K eth0 tx off tso off gso off gro off'}
        ip link set lo up
        ip addr add 10.9.0.${number}/24 dev eth0
        ip addr add fd09::${number}/64 dev eth0 nodad
        echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
        ip link set eth0 up`);
    }
    for (const host of [this.client, this.server])
      await host.shell('until ip -6 addr show dev eth0 scope link | grep -q fe80; do sleep 0.01; done');
    await this.client.shell(`
      ip route add 192.0.2.0/24 via 10.9.0.2 mtu 1400
      ip route add 2001:db8::/64 via fd09::2 mtu 1400`);
  }
}

async function complete(words: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await new Program(words, input).within(10_000);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
}
