import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../lab/cache.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';

export interface EbpfDirectorOptions {
  /** Of the guest. */
  readonly namespace: string;
  /** The section `ebpf` of vipr.yaml, as lines of YAML without indentation. */
  readonly settings?: string;
  /** Further words of `vipr up`. */
  readonly words?: readonly string[];
}

const VIPR = join(CHECKOUT, 'bin/vipr');
/** Verifying takes some twenty seconds where the processor is emulated. */
const START_SECONDS = 180;

/** `vipr up --engine ebpf` in a namespace of the guest, which goes on between scripts. One a namespace. */
export class EbpfDirector {
  readonly namespace: string;
  /** Of the guest, as is everything here. */
  readonly socket: string;
  readonly bpfDirectory: string;
  readonly #machine: VirtualMachine;
  readonly #log: string;
  readonly #start: string;

  private constructor(
    machine: VirtualMachine,
    { namespace, settings = '', words = [] }: EbpfDirectorOptions,
  ) {
    this.#machine = machine;
    this.namespace = namespace;
    this.socket = `/run/vipr-${namespace}.sock`;
    this.bpfDirectory = `/run/vipr-${namespace}-bpf`;
    this.#log = `/run/vipr-${namespace}.log`;
    const config = `vipr-${namespace}.yaml`;
    const lines = settings.split('\n').map((line) => `  ${line}\n`);
    writeFileSync(join(machine.share, config), `engine: ebpf\nebpf:\n${lines.join('')}services: []\n`);
    this.#start = `up --engine ebpf --config /run/share/${config} ${words.join(' ')}`;
  }

  /** Resolves when it runs; rejects, with what it said, where it does not. */
  static async up(machine: VirtualMachine, options: EbpfDirectorOptions): Promise<EbpfDirector> {
    const director = new EbpfDirector(machine, options);
    await director.start();
    return director;
  }

  /** Starts it again. */
  async start(): Promise<void> {
    // `ip netns exec` shows a /sys of its own, without the BPF file system below.
    await this.#machine.expect(
      `mkdir -p ${this.bpfDirectory}
      mountpoint -q ${this.bpfDirectory} || mount -t bpf bpf ${this.bpfDirectory}
      ${this.environment}
      setsid ip netns exec ${this.namespace} ${VIPR} ${this.#start} >${this.#log} 2>&1 </dev/null &
      echo $! >${this.#log}.pid
      until grep -q 'control socket' ${this.#log}; do
        kill -0 $! 2>/dev/null || { cat ${this.#log} >&2; exit 1; }
        sleep 0.2
      done`,
      START_SECONDS * 1000,
    );
  }

  /** For scripts: has vipr's commands speak to this director. */
  get environment(): string {
    return `export VIPR_SOCKET=${this.socket} VIPR_BPF_DIR=${this.bpfDirectory}`;
  }

  /** What it said so far. */
  log(): Promise<string> {
    return this.#machine.expect(`cat ${this.#log}`);
  }

  /** Ends the process; its programs go on. */
  async stop(): Promise<void> {
    await this.#machine.expect(`
      kill $(cat ${this.#log}.pid)
      for i in $(seq 100); do kill -0 $(cat ${this.#log}.pid) 2>/dev/null || exit 0; sleep 0.2; done
      cat ${this.#log} >&2
      exit 1`);
  }

  /** {@link stop} and `vipr down`, which leaves nothing; resolves to what that said. */
  async down(): Promise<string> {
    await this.stop();
    const said = await this.vipr('down');
    assert.equal(await this.#machine.expect(`ls -A ${this.bpfDirectory}`), '', 'pins that are left');
    return said;
  }

  /** Runs a command of vipr beside it. */
  vipr(words: string): Promise<string> {
    return this.#machine.expect(`${this.environment}; ip netns exec ${this.namespace} ${VIPR} ${words}`);
  }
}
