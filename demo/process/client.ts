import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Stage } from '../stage/stage.ts';
import type { ClientOrder, Tally, Target } from './client-order.ts';

/** The client of the demonstration: traffic from where clients are. */
export class Client {
  readonly #process: ChildProcess;
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
    const script = fileURLToPath(new URL('client-process.ts', import.meta.url));
    const [program = process.execPath, ...words] = [...stage.wrapper('client'), process.execPath, script];
    // It ends with the channel. Not in the terminal's group: Ctrl-C is for this process, which ends the rest in order.
    this.#process = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
    this.#process.on('error', () => {});
  }

  /** HTTP requests to the virtual service of the port. */
  http(port: number, requests: number): Promise<Tally> {
    return this.#order({ kind: 'http', target: this.#target(port), requests });
  }

  /** DNS questions. */
  dns(requests: number): Promise<Tally> {
    return this.#order({ kind: 'dns', target: this.#target(this.#stage.ports.dns), requests });
  }

  /** Opens the connection that stays. */
  hold(port: number): Promise<Tally> {
    return this.#order({ kind: 'hold', target: this.#target(port) });
  }

  /** Asks on the connection that stays. */
  askHeld(): Promise<Tally> {
    return this.#order({ kind: 'ask' });
  }

  /** Ends the connection that stays. */
  async resetHeld(): Promise<void> {
    await this.#order({ kind: 'reset' });
  }

  close(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  #target(port: number): Target {
    const { virtualAddress: address, clientBinds: from } = this.#stage;
    return { address, port, ...(from !== undefined && { from }) };
  }

  async #order(order: ClientOrder): Promise<Tally> {
    const over = new AbortController();
    const { signal } = over;
    try {
      const answer = once(this.#process, 'message', { signal });
      const ended = once(this.#process, 'exit', { signal }).then(([code]) => {
        throw new Error(`the client ended with ${code}`);
      });
      this.#process.send(order);
      const [tally] = await Promise.race([answer, ended]);
      return tally as Tally;
    } finally {
      over.abort();
    }
  }
}
