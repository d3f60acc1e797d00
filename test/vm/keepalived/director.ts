import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECKOUT } from '../lab/cache.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';

/** Which program manages a table: Debian's keepalived, or vipr. */
export type Manager = 'keepalived' | 'vipr';

const STOP_LIMIT_S = 20;

/** A program that manages the IPVS table of a namespace as a keepalived.conf says. */
export class ManagedDirector {
  readonly #machine: VirtualMachine;
  readonly #manager: Manager;
  readonly #namespace: string;
  readonly #directory: string;
  readonly #isYaml: boolean;
  readonly #hasVrrp: boolean;

  private constructor(machine: VirtualMachine, manager: Manager, namespace: string, configuration: string) {
    this.#machine = machine;
    this.#manager = manager;
    this.#namespace = namespace;
    this.#directory = `/tmp/managed-${namespace}`;
    this.#isYaml = configuration.startsWith('engine:');
    this.#hasVrrp = configuration.includes('vrrp_instance');
  }

  static async start(
    machine: VirtualMachine,
    manager: Manager,
    namespace: string,
    configuration: string,
  ): Promise<ManagedDirector> {
    const director = new ManagedDirector(machine, manager, namespace, configuration);
    await director.#start(configuration);
    return director;
  }

  /** For scripts: has vipr's commands speak to this director. */
  get environment(): string {
    return `export VIPR_SOCKET=${this.#directory}/vipr.sock`;
  }

  /** Has it read another configuration, as SIGHUP makes both do. */
  async reload(configuration: string): Promise<void> {
    await this.#machine.expect(
      `${write(`${this.#directory}/${this.#file}`, configuration)}
      kill -HUP $(cat ${this.#directory}/pid)`,
    );
  }

  /** The table, as ipvsadm-save writes it, in an order of its own: that of additions does not matter to traffic. */
  async table(): Promise<string> {
    const ipvsadm = `ip netns exec ${this.#namespace} /usr/sbin/ipvsadm`;
    // Thresholds are what ipvsadm-save leaves out.
    const listed = await this.#machine.expect(`${ipvsadm}-save -n
      ${ipvsadm} -Ln --thresholds | awk '/->/ { if ($3 + $4 > 0) print service, $2, $3, $4; next } { service = $1 " " $2 }'
      ${ipvsadm} -L --timeout`);
    return listed.trimEnd().split('\n').toSorted().join('\n');
  }

  /** vipr is given a vipr.yaml where that is what the text is. */
  get #file(): string {
    return this.#isYaml ? 'vipr.yaml' : 'keepalived.conf';
  }

  async log(): Promise<string> {
    return this.#machine.expect(`tail -n 40 ${this.#directory}/log`);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#machine.expect(`kill -KILL $(cat ${this.#directory}/pid); rm ${this.#directory}/pid`);
  }

  /** Ends it as a service manager does, and waits for the end. */
  async stop(): Promise<void> {
    await this.#machine.expect(
      `[ -e ${this.#directory}/pid ] || exit 0
      kill -TERM $(cat ${this.#directory}/pid)
      for i in $(seq ${STOP_LIMIT_S * 5}); do kill -0 $(cat ${this.#directory}/pid) 2>/dev/null || exit 0; sleep 0.2; done
      cat ${this.#directory}/log; exit 1`,
    );
  }

  async #start(configuration: string): Promise<void> {
    const directory = this.#directory;
    await this.#machine.expect(
      `rm -rf ${directory}; mkdir -p ${directory}; cd ${directory}
      ${write(`${directory}/${this.#file}`, configuration)}
      exec </dev/null >log 2>&1
      ip netns exec ${this.#namespace} setsid ${this.#command()} &
      echo $! >pid`,
    );
  }

  #command(): string {
    const file = `${this.#directory}/${this.#file}`;
    const pids = `-p ${this.#directory}/own.pid -c ${this.#directory}/checkers.pid -r ${this.#directory}/vrrp.pid`;
    // In the foreground, and with its checkers alone where the vrrp process has nothing to do.
    if (this.#manager === 'keepalived')
      return `keepalived -n -l -D ${this.#hasVrrp ? '' : '-C'} -f ${file} ${pids}`;
    return `${join(CHECKOUT, 'bin/vipr')} up --engine ipvs --drain 0 --config ${file} --socket ${this.#directory}/vipr.sock`;
  }
}

/** Waits until both have the same table, which `expected` takes for right. Throws with both tables and logs. */
export async function untilSameTables(
  directors: readonly [ManagedDirector, ManagedDirector],
  expected: (table: string) => boolean,
  limitMilliseconds = 60_000,
): Promise<string> {
  const [one, other] = directors;
  const end = Date.now() + limitMilliseconds;
  for (;;) {
    const tables = [await one.table(), await other.table()];
    if (tables[0] === tables[1] && expected(tables[0] ?? '')) return tables[0] ?? '';
    if (Date.now() > end) {
      const logs = [await one.log(), await other.log()];
      throw new Error(
        `tables differ, or are not as expected:\n${tables.join('\n---\n')}\n${logs.join('\n---\n')}`,
      );
    }
    await delay(500);
  }
}

function write(path: string, text: string): string {
  return `cat >${path} <<'END_OF_FILE'\n${text}\nEND_OF_FILE`;
}
