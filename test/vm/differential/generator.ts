import type { SeededRandom } from '../../random/seeded-random.ts';
import type { GuestCommand } from '../ipvsadm/guest-command.ts';
import { mistaken } from './mistake.ts';
import {
  randomServer,
  randomServerOptions,
  randomService,
  randomServiceOptions,
  type ServiceWords,
} from './words.ts';

/** A share of the commands are mistakes on purpose; others turn out to be. */
const MISTAKES = 1 / 3;
/** More services make lists long, and hits rare. */
const MOST_SERVICES = 12;

/** Random commands that mostly make sense one after another. */
export function* randomCommands(random: SeededRandom): Generator<GuestCommand> {
  const generator = new CommandGenerator(random);
  for (;;) {
    const command = generator.next();
    yield random.chance(MISTAKES) ? mistaken(command, random) : generator.done(command);
  }
}

/** Remembers roughly what the table holds, to name what is there. */
class CommandGenerator {
  readonly #random: SeededRandom;
  readonly #services = new Map<string, { readonly words: ServiceWords; readonly servers: Set<string> }>();
  #then: () => void = () => {};

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  next(): GuestCommand {
    this.#then = () => {};
    const dice = this.#random.next();
    if (dice < 0.2) return this.#addService();
    if (dice < 0.45) return this.#addServer();
    if (dice < 0.53) return this.#editService();
    if (dice < 0.63) return this.#editServer();
    if (dice < 0.7) return this.#deleteServer();
    if (dice < 0.75) return this.#deleteService();
    if (dice < 0.89) return this.#list();
    if (dice < 0.92) return this.#restore();
    if (dice < 0.94) return this.#timeouts();
    if (dice < 0.965) return this.#daemon();
    if (dice < 0.995) return this.#zero();
    return this.#clear();
  }

  /** To be called with a command that will be carried out. */
  done(command: GuestCommand): GuestCommand {
    this.#then();
    return command;
  }

  #addService(): GuestCommand {
    if (this.#services.size >= MOST_SERVICES) return this.#deleteService();
    let words = randomService(this.#random);
    if (this.#services.has(words.args.join(' '))) words = randomService(this.#random);
    this.#then = () => this.#services.set(words.args.join(' '), { words, servers: new Set() });
    return { args: ['-A', ...words.args, ...randomServiceOptions(words, this.#random)] };
  }

  #editService(): GuestCommand {
    const { words } = this.#anyService();
    return { args: ['-E', ...words.args, ...randomServiceOptions(words, this.#random)] };
  }

  #deleteService(): GuestCommand {
    const { words } = this.#anyService();
    this.#then = () => this.#services.delete(words.args.join(' '));
    return { args: ['-D', ...words.args] };
  }

  #addServer(): GuestCommand {
    const { words, servers } = this.#anyService();
    const server = randomServer(words, this.#random);
    this.#then = () => servers.add(server.address);
    return {
      args: ['-a', ...words.args, '-r', server.address, ...randomServerOptions(server, this.#random)],
    };
  }

  #editServer(): GuestCommand {
    const { words, server } = this.#anyServer();
    return {
      args: ['-e', ...words.args, '-r', server.address, ...randomServerOptions(server, this.#random)],
    };
  }

  #deleteServer(): GuestCommand {
    const { words, servers, server } = this.#anyServer();
    this.#then = () => servers.delete(server.address);
    return { args: ['-d', ...words.args, '-r', server.address] };
  }

  #list(): GuestCommand {
    const columns = this.#random.pick([
      '',
      '',
      '--stats',
      '--rate',
      '--thresholds',
      '--persistent-conn',
      '--tun-info',
    ]);
    const options = [columns, this.#random.chance(0.2) ? '--exact' : ''].filter((option) => option !== '');
    const service = this.#random.chance(0.4) ? this.#anyService().words.args : [];
    return this.#random.pick([
      { args: ['-Ln', ...service, ...options] },
      { args: ['-L', '-n', ...options, ...service] },
      { args: ['-L', ...options, ...service] },
      { args: ['-Sn'] },
      { args: ['--save'] },
      { args: ['-L', this.#random.pick(['--timeout', '--daemon', '-c', '-cn'])] },
      { args: [] },
    ]);
  }

  #restore(): GuestCommand {
    const lines: string[] = [];
    const thens: (() => void)[] = [];
    for (let count = this.#random.integer(1, 5); count > 0; count--) {
      const command = this.#random.pick([
        () => this.#addService(),
        () => this.#addServer(),
        () => this.#editServer(),
        () => this.#deleteServer(),
      ])();
      const mistake = this.#random.chance(0.15);
      const { args } = mistake ? mistaken(command, this.#random) : command;
      if (!mistake) thens.push(this.#then);
      lines.push(args.join(' '));
    }
    this.#then = () => {
      for (const then of thens) then();
    };
    return { args: ['-R'], input: lines.map((line) => `${line}\n`).join('') };
  }

  #timeouts(): GuestCommand {
    const seconds = () => `${this.#random.pick([0, 0, 1, 60, 900, 86400, 2678400])}`;
    return { args: ['--set', seconds(), seconds(), seconds()] };
  }

  #daemon(): GuestCommand {
    const role = this.#random.pick(['master', 'backup']);
    if (this.#random.chance(0.6)) return { args: ['--stop-daemon', role] };
    const options = [
      ['--mcast-interface', this.#random.pick(['eth0', 'lo'])],
      ['--syncid', `${this.#random.integer(0, 255)}`],
      ['--mcast-group', this.#random.pick(['224.0.0.82', 'ff02::81'])],
      ['--mcast-port', `${this.#random.integer(1024, 65535)}`],
      ['--mcast-ttl', `${this.#random.integer(1, 255)}`],
      ['--sync-maxlen', `${this.#random.pick([100, 500, 1472, 60000])}`],
    ].filter(() => this.#random.chance(0.4));
    return { args: ['--start-daemon', role, ...options.flat()] };
  }

  #zero(): GuestCommand {
    return { args: this.#random.chance(0.6) ? ['-Z', ...this.#anyService().words.args] : ['-Z'] };
  }

  #clear(): GuestCommand {
    this.#then = () => this.#services.clear();
    return { args: ['-C'] };
  }

  /** One that is there, and now and then one that is not. */
  #anyService(): { readonly words: ServiceWords; readonly servers: Set<string> } {
    if (this.#services.size === 0 || this.#random.chance(0.05)) {
      return { words: randomService(this.#random), servers: new Set() };
    }
    return this.#random.pick([...this.#services.values()]);
  }

  #anyServer() {
    const { words, servers } = this.#anyService();
    const server = randomServer(words, this.#random);
    if (servers.size === 0 || this.#random.chance(0.1)) return { words, servers, server };
    return { words, servers, server: { ...server, address: this.#random.pick([...servers]) } };
  }
}
