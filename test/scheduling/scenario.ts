import { SeededRandom } from '../random/seeded-random.ts';
import type { Flow } from './flow.ts';
import { MARK, MARKED, VIRTUAL } from './scenario-address.ts';

/** A service's life: how it is configured, who arrives, who leaves. */
export interface Scenario {
  readonly seed: number;
  readonly steps: readonly ScenarioStep[];
}

/** Timeout of connections that are to expire: in a slow guest the steps until then must not take as long. */
export const EXPIRING_SECONDS = 5;

export type ScenarioStep =
  /** A line of `ipvsadm -R`. */
  | { readonly kind: 'configure'; readonly line: string }
  /** A client's first packets: a datagram, or what makes a TCP connection active. */
  | { readonly kind: 'open'; readonly flow: Flow }
  /** The client's FIN, which makes a TCP connection inactive. */
  | { readonly kind: 'finish'; readonly flow: Flow }
  /** The time that connections of {@link EXPIRING_SECONDS} need to expire, and these do. */
  | { readonly kind: 'expire'; readonly flows: readonly Flow[] };

/** What scenarios of a kind have in common. */
export interface ScenarioKind {
  readonly scheduler: string;
  /** The value of `-b`. */
  readonly flags?: string;
  /** Whether the service is a firewall mark's, so that clients ask for many virtual addresses. */
  readonly marked?: boolean;
  /** Whether connections expire; on a real kernel that takes seconds each time. */
  readonly expiring?: boolean;
  readonly arrivals: number;
}

/**
 * A random scenario of the kind; `port` tells its connections from those of other scenarios, and its servers: the kernel
 * remembers those that still have connections.
 */
export function randomScenario(kind: ScenarioKind, seed: number, port: number): Scenario {
  return { seed, steps: new ScenarioMaker(kind, seed, port).make() };
}

/** Datagrams of as many clients to servers of the weights; nothing changes in between. */
export function weightsScenario(
  scheduler: string,
  weights: readonly number[],
  arrivals: number,
  port: number,
): Scenario {
  const service = `-u ${VIRTUAL.inet}:${port}`;
  const lines = [
    `-A ${service} -s ${scheduler}`,
    ...weights.map((weight, index) => `-a ${service} -r 10.2.${port % 256}.${11 + index} -g -w ${weight}`),
  ];
  const steps: ScenarioStep[] = lines.map((line) => ({ kind: 'configure', line }));
  for (let nth = 0; nth < arrivals; nth++) {
    const client = { clientAddress: '10.1.0.2', clientPort: 1024 + nth } as const;
    const flow: Flow = { protocol: 'udp', ...client, virtualAddress: VIRTUAL.inet, virtualPort: port };
    steps.push({ kind: 'open', flow });
  }
  steps.push({ kind: 'configure', line: `-D ${service}` });
  return { seed: 0, steps };
}

interface Server {
  readonly address: string;
  options: string;
  present: boolean;
}

class ScenarioMaker {
  readonly #kind: ScenarioKind;
  readonly #random: SeededRandom;
  readonly #port: number;
  readonly #inet6: boolean;
  readonly #tcp: boolean;
  readonly #service: string;
  readonly #servers: Server[];
  readonly #open: Flow[] = [];
  /** Connections that only wait for their end. */
  readonly #idle: Flow[] = [];
  readonly #steps: ScenarioStep[] = [];
  #next = 0;

  constructor(kind: ScenarioKind, seed: number, port: number) {
    this.#kind = kind;
    this.#random = new SeededRandom(seed);
    this.#port = port;
    this.#inet6 = this.#random.chance(0.3);
    this.#tcp = this.#random.chance(0.6);
    this.#service = this.#serviceWords();
    const servers = this.#random.integer(2, 6);
    this.#servers = Array.from({ length: servers }, (_, index) => ({
      address: this.#inet6
        ? `[fd02::${port.toString(16)}:${index + 1}]:${kind.marked ? 0 : port}`
        : `10.2.${port % 256}.${11 + index}`,
      options: this.#serverOptions(),
      present: true,
    }));
  }

  make(): ScenarioStep[] {
    const { scheduler, flags, arrivals } = this.#kind;
    this.#configure(`-A ${this.#service} -s ${scheduler}${flags === undefined ? '' : ` -b ${flags}`}`);
    for (const server of this.#servers) this.#add(server);
    while (this.#next < arrivals) this.#step();
    this.#configure(`-D ${this.#service}`);
    return this.#steps;
  }

  #step(): void {
    const dice = this.#random.next();
    if (dice < 0.04) this.#edit(this.#random.pick(this.#servers));
    else if (dice < 0.06) this.#toggle(this.#random.pick(this.#servers));
    else if (dice < 0.07) this.#editService();
    else if (dice < 0.25 && this.#open.length > 0) {
      const [flow] = this.#open.splice(this.#random.integer(0, this.#open.length - 1), 1);
      if (flow !== undefined) this.#finish(flow);
    } else if (dice > 0.97 && this.#kind.expiring) this.#expire();
    else this.#arrive();
  }

  #arrive(): void {
    const flow: Flow = {
      protocol: this.#tcp ? 'tcp' : 'udp',
      ...this.#client(),
      virtualAddress: this.#virtualAddress(),
      virtualPort: this.#port,
    };
    this.#steps.push({ kind: 'open', flow });
    (this.#tcp ? this.#open : this.#idle).push(flow);
  }

  #finish(flow: Flow): void {
    this.#steps.push({ kind: 'finish', flow });
    this.#idle.push(flow);
  }

  #expire(): void {
    const flows = this.#idle.splice(0, this.#random.integer(1, 8));
    if (flows.length > 0) this.#steps.push({ kind: 'expire', flows });
  }

  #client(): Pick<Flow, 'clientAddress' | 'clientPort'> {
    const low = this.#random.integer(1, 254);
    const high = this.#random.integer(0, 255);
    this.#next += 1;
    return {
      clientAddress: this.#inet6 ? `fd01::${(256 * high + low).toString(16)}:2` : `10.1.${high}.${low}`,
      clientPort: 1024 + this.#next * 37,
    };
  }

  #virtualAddress(): string {
    if (!this.#kind.marked) return this.#inet6 ? VIRTUAL.inet6 : VIRTUAL.inet;
    const last = this.#random.integer(1, 20);
    return this.#inet6 ? `${MARKED.inet6}${last.toString(16)}` : `${MARKED.inet}${last}`;
  }

  #edit(server: Server): void {
    server.options = this.#serverOptions();
    if (server.present) this.#configure(`-e ${this.#service} -r ${server.address} -g ${server.options}`);
  }

  /** Takes a server away, or brings one back. */
  #toggle(server: Server): void {
    if (!server.present) this.#add(server);
    else if (this.#servers.filter(({ present }) => present).length > 1) {
      server.present = false;
      this.#configure(`-d ${this.#service} -r ${server.address}`);
    }
  }

  #add(server: Server): void {
    server.present = true;
    this.#configure(`-a ${this.#service} -r ${server.address} -g ${server.options}`);
  }

  /** Edits the service without changing its scheduler. */
  #editService(): void {
    const flags = this.#random.pick([undefined, 'flag-1', 'flag-2', 'flag-1,flag-2', this.#kind.flags]);
    const words = flags === undefined ? '' : ` -b ${flags}`;
    this.#configure(`-E ${this.#service} -s ${this.#kind.scheduler}${words}`);
  }

  #configure(line: string): void {
    this.#steps.push({ kind: 'configure', line });
  }

  #serviceWords(): string {
    if (this.#kind.marked) return `-f ${MARK}${this.#inet6 ? ' -6' : ''}`;
    const address = this.#inet6 ? `[${VIRTUAL.inet6}]` : VIRTUAL.inet;
    return `-${this.#tcp ? 't' : 'u'} ${address}:${this.#port}`;
  }

  #serverOptions(): string {
    const random = this.#random;
    const weight = random.chance(0.03) ? random.pick([100, 65535, 2 ** 31 - 1]) : random.integer(0, 5);
    if (random.chance(0.8)) return `-w ${weight}`;
    const upper = random.integer(1, 8);
    return `-w ${weight} -x ${upper} -y ${random.integer(0, upper)}`;
  }
}
