import type { NotifySettings } from '../../model/monitoring.ts';
import type { HealthEvent } from '../health-event.ts';
import { SYSTEM_TIMERS } from '../timers.ts';
import { within } from '../within.ts';
import { Fifo } from './fifo.ts';
import { fifoLine } from './fifo-line.ts';
import type { NotifyModules } from './notify-modules.ts';
import { ScriptRunner } from './script-runner.ts';

/** How long scripts that run or wait have when the notifier ends, in milliseconds. */
const CLOSE_LIMIT = 10_000;

/** Tells of health events where the configuration asks for it: by the scripts that events bring, and by lines into named pipes. */
export class Notifier {
  readonly #modules: NotifyModules;
  readonly #scripts: ScriptRunner;
  /** By path. */
  #fifos: ReadonlyMap<string, Fifo> = new Map();
  /** Pipes of an earlier configuration that end. */
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(modules: NotifyModules) {
    this.#modules = modules;
    this.#scripts = new ScriptRunner(modules);
  }

  /** Writes into these pipes from now on. Those that stay go on with what they have; readers that were given up start again. */
  watch({ fifos }: NotifySettings): void {
    if (this.#closed) return;
    const before = this.#fifos;
    this.#fifos = new Map(
      fifos.map(({ path, reader }) => {
        const fifo = before.get(path) ?? new Fifo(path, this.#modules);
        fifo.readBy(reader);
        return [path, fifo];
      }),
    );
    for (const [path, fifo] of before) if (!this.#fifos.has(path)) this.#end(fifo);
  }

  /** Takes an event on, in the order of the calls. Never throws, and waits for nothing. */
  tell(event: HealthEvent): void {
    if (this.#closed) return;
    const line = fifoLine(event);
    if (line !== undefined) for (const fifo of this.#fifos.values()) fifo.write(line);
    if ((event.kind !== 'destination' && event.kind !== 'quorum') || event.script === undefined) return;
    this.#scripts.run({ ...event, script: event.script });
  }

  /** Lets scripts end and lines be read within some seconds, then ends what still runs. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const fifo of this.#fifos.values()) this.#end(fifo);
    await Promise.all([this.#endScripts(), ...this.#ending]);
  }

  #end(fifo: Fifo): void {
    const ended = fifo.close().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  async #endScripts(): Promise<void> {
    await within(this.#scripts.idle(), CLOSE_LIMIT, this.#modules.timers ?? SYSTEM_TIMERS);
    this.#scripts.callOff();
    await this.#scripts.idle();
  }
}
