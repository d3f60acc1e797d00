import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DirectorClient } from '../src/api/client.ts';
import type { DestinationHealth } from '../src/model/health.ts';
import type { Program } from '../test/netns/lab/program.ts';
import { Client } from './process/client.ts';
import { Promises } from './promises.ts';
import { Shell } from './shell.ts';
import type { ServerName, Stage } from './stage/stage.ts';
import { until } from './until.ts';

/** Weights for HTTP, as vipr.yaml has them at first. */
export const WEIGHTS = { rs1: 20, rs2: 10, rs3: 10 } as const satisfies Record<ServerName, number>;

/** The stage with those who act on it. */
export class Scene {
  readonly stage: Stage;
  readonly shell: Shell;
  readonly client: Client;
  readonly promises = new Promises();
  /** Asked for what is waited for; what the reader sees comes from commands. */
  readonly director: DirectorClient;
  readonly #servers = new Map<ServerName, Program>();

  constructor(stage: Stage) {
    const socket = join(stage.directory, 'vipr.sock');
    this.stage = stage;
    this.shell = new Shell(stage, socket);
    this.client = new Client(stage);
    this.director = new DirectorClient(socket);
  }

  /** Starts a real server, and waits until it serves. */
  async startServer(name: ServerName): Promise<void> {
    const { web, app, dns } = this.stage.ports;
    const script = fileURLToPath(new URL('process/real-server.ts', import.meta.url));
    const ports = [web, app, dns].map(String);
    const program = this.stage.start(name, [
      process.execPath,
      script,
      name,
      this.stage.serverAddress[name],
      ...ports,
    ]);
    this.#servers.set(name, program);
    await until(`${name} serves`, async () => {
      if (program.isOver) throw new Error(`${name} ended: ${program.stderr}`);
      return program.stdout.includes('ready');
    });
  }

  /** Ends a real server at once, as a failure does. */
  async killServer(name: ServerName): Promise<void> {
    await this.#servers.get(name)?.stop('SIGKILL');
  }

  serviceName(port: 'web' | 'app' | 'dns'): string {
    const { virtualAddress, ports } = this.stage;
    return `${port === 'dns' ? 'udp' : 'tcp'} ${virtualAddress}:${ports[port]}`;
  }

  /** How a server is in each of the services. */
  async healthOf(name: ServerName): Promise<readonly DestinationHealth[]> {
    const services = await this.director.health();
    const prefix = `${this.stage.serverAddress[name]}:`;
    return services.flatMap(({ destinations }) =>
      destinations.filter(({ destination }) => destination.startsWith(prefix)),
    );
  }

  async close(): Promise<void> {
    this.client.close();
    await this.director.close();
  }
}
