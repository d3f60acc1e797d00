import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DirectorClient } from '../../src/api/client.ts';
import type { Host } from '../../test/netns/lab/host.ts';
import type { Lab } from '../../test/netns/lab/lab.ts';
import type { Program } from '../../test/netns/lab/program.ts';
import { showCommand, showOutput } from '../console.ts';
import { until } from '../until.ts';
import { configuration, GATEWAY, VIRTUAL_ADDRESS } from './configuration.ts';

const BIN = fileURLToPath(new URL('../../bin', import.meta.url));
const LIMIT_MS = 20_000;

/** One of the two directors: a host, and `vipr up` there. */
export class Director {
  readonly name: 'lvs1' | 'lvs2';
  /** Asked for what is waited for; what the reader sees comes from commands. */
  readonly client: DirectorClient;
  readonly #lab: Lab;
  readonly #host: Host;
  readonly #environment: NodeJS.ProcessEnv;
  #program: Program | undefined;

  constructor(lab: Lab, name: 'lvs1' | 'lvs2', priority: number) {
    const socket = join(lab.directory, `${name}.sock`);
    this.name = name;
    this.client = new DirectorClient(socket);
    this.#lab = lab;
    this.#host = lab.host(name);
    this.#environment = {
      PATH: `${BIN}:${process.env.PATH ?? ''}`,
      VIPR_SOCKET: socket,
      VIPR_BPF_DIR: join(lab.bpfFileSystem, name),
    };
    writeFileSync(join(lab.directory, `${name}.yaml`), configuration(priority));
  }

  /** Runs a command as a user would, and shows it with what it prints. `alsoGood` are exit codes besides 0. */
  async run(line: string, { alsoGood = [] as readonly number[], mostLines = 30 } = {}): Promise<string> {
    showCommand(line, this.name);
    const { code, stdout, stderr } = await this.#start(line).within(LIMIT_MS);
    const text = `${stdout}${stderr}`;
    showOutput(text, mostLines);
    if (code !== 0 && !alsoGood.includes(code ?? -1)) throw new Error(`${line} ended with ${code}: ${text}`);
    return text;
  }

  /** Starts `vipr up`, and waits until it answers. */
  async up(): Promise<void> {
    const line = `vipr up --config ${this.name}.yaml 2>> ${this.name}.log`;
    showCommand(`${line} &`, this.name);
    const program = this.#start(`exec ${line}`);
    this.#program = program;
    await until(`${this.name} answers`, async () => {
      if (program.isOver) throw new Error(`vipr up has ended on ${this.name}`);
      return this.client.vrrp().then(
        () => true,
        () => false,
      );
    });
  }

  /** Whether it has the virtual addresses. */
  async isMaster(): Promise<boolean> {
    const text = await this.#host.output(['ip', '-o', 'addr']);
    return [VIRTUAL_ADDRESS, GATEWAY].every((address) => text.includes(` ${address}/`));
  }

  /** Resolves when it is the master. */
  async untilMaster(): Promise<void> {
    await until(`${this.name} is the master`, () => this.isMaster());
  }

  /** Resolves when, as a backup, it knows all connections. */
  async untilSynchronised(): Promise<void> {
    await until(`${this.name} is synchronised`, async () => {
      const { backup } = await this.client.synchronisation();
      return backup?.isSynchronised ?? false;
    });
  }

  /** The host loses its power: its cables are dead at once, and nobody says good-bye. */
  async die(): Promise<void> {
    await this.#cables('down');
    await this.#program?.stop('SIGKILL');
  }

  /** The host has its power again: nothing is left of addresses, programs and connections. */
  async boot(): Promise<void> {
    await this.#start('vipr down').within(LIMIT_MS);
    for (const [address, device] of [
      [VIRTUAL_ADDRESS, 'eth0'],
      [GATEWAY, 'eth1'],
    ] as const) {
      await this.#host.shell(
        `ip -o addr show dev ${device} to ${address} | while read -r _ _ _ found _; do ip addr del "$found" dev ${device}; done`,
      );
    }
    await this.#cables('up');
  }

  /** Ends `vipr up` in order; its exit code. */
  async stop(): Promise<number | null> {
    const outcome = await this.#program?.stop('SIGTERM', 10_000);
    return outcome?.code ?? null;
  }

  /** Resolves when `vipr up` has ended. */
  async ended(): Promise<void> {
    await this.#program?.ended;
  }

  async #cables(state: 'up' | 'down'): Promise<void> {
    const ports = ['front', 'lan'].map((side) => `ip link set ${side}-${this.name} ${state}\n`);
    await this.#lab.host('switch').shell(ports.join(''));
  }

  #start(line: string): Program {
    const words = ['sh', '-c', `cd "$0" && ${line}`, this.#lab.directory];
    return this.#host.start(words, { environment: this.#environment });
  }
}
