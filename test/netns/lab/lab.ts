import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { atExit } from './at-exit.ts';
import { demolish, demolishLeftovers } from './demolish.ts';
import { Host } from './host.ts';
import { hostSetup, offloadSetup, untilUp } from './host-setup.ts';
import type { LabOptions } from './lab-options.ts';
import { Program } from './program.ts';
import { directoryOf, namespaceOf, newSite, type Site } from './site.ts';
import { hostNames, wiringBatch } from './wiring.ts';

/**
 * A network of namespaces on this machine, as address.ts draws it. It ends, with all that runs in it, when it is closed or
 * this process exits; what a killed process leaves, the next lab removes.
 *
 *     await using lab = await Lab.open({ mtu: 9000 });
 *     await lab.client.output(['ping', '-c', '1', '10.2.0.11']);
 */
export class Lab {
  readonly site: Site;
  /** For files of this lab; gone with it. */
  readonly directory: string;
  /** A BPF file system, which programs in all hosts see. */
  readonly bpfFileSystem: string;
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #disarm: () => void;

  private constructor(site: Site, options: LabOptions) {
    this.site = site;
    this.directory = directoryOf(site);
    this.bpfFileSystem = join(this.directory, 'bpf');
    this.#hosts = new Map(hostNames(options).map((name) => [name, new Host(site, name)]));
    this.#disarm = atExit(() => demolish(site));
  }

  /** Rejects, with nothing left behind, where a step fails. {@link labUnavailable} tells before whether it can work. */
  static async open(options: LabOptions = {}): Promise<Lab> {
    demolishLeftovers();
    const lab = new Lab(newSite(options.owner), options);
    try {
      await lab.#build(options);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  get client(): Host {
    return this.host('client');
  }

  /** lvs1. */
  get director(): Host {
    return this.host('lvs1');
  }

  /** rs1, rs2 ... */
  get servers(): readonly Host[] {
    return [...this.#hosts.values()].filter(({ name }) => name.startsWith('rs'));
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  /** `client`, `lvs1`, `lvs2`, `rs1` ... or `switch`; throws on names that this lab does not have. */
  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}, but ${[...this.#hosts.keys()].join(', ')}`);
    return host;
  }

  /** Ends all programs, and removes all that the lab made. More than once does no harm. */
  async close(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stopAll()));
    demolish(this.site);
    this.#disarm();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #build(options: LabOptions): Promise<void> {
    mkdirSync(this.bpfFileSystem, { recursive: true });
    // Before any program runs: those see only what was mounted when they began.
    await complete(['mount', '-t', 'bpf', 'bpf', this.bpfFileSystem]);
    await complete(
      ['ip', '-batch', '-'],
      wiringBatch(options, (host) => namespaceOf(this.site, host)),
    );
    await Promise.all(this.hosts.map((host) => host.shell(offloadSetup(host.name, options))));
    await Promise.all(this.hosts.map((host) => host.shell(hostSetup(host.name, options))));
    await Promise.all(this.hosts.map((host) => host.shell(untilUp(host.name, options))));
    const { acceptTunnels } = options;
    if (acceptTunnels !== undefined) await Promise.all(this.servers.map((server) => acceptTunnels(server)));
  }
}

async function complete(words: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await new Program(words, input).within(10_000);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
}
