import type { NotifyFifo, NotifySettings } from '../../model/monitoring.ts';
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
  /** Paths of the pipes that are told of health, and of those that others write into. */
  #healthPaths: ReadonlySet<string> = new Set();
  #otherPaths: ReadonlySet<string> = new Set();
  /** Pipes of an earlier configuration that end. */
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(modules: NotifyModules) {
    this.#modules = modules;
    this.#scripts = new ScriptRunner(modules);
  }

  /**
   * Writes into these pipes from now on. Those that stay go on with what they have; readers that were given up start again. Into `others` it
   * writes what {@link write} is given; a path that both name is one pipe with one reader.
   */
  watch({ fifos }: NotifySettings, others: readonly NotifyFifo[] = []): void {
    if (this.#closed) return;
    const before = this.#fifos;
    this.#healthPaths = new Set(fifos.map(({ path }) => path));
    this.#otherPaths = new Set(others.map(({ path }) => path));
    const readers = new Map<string, NotifyFifo['reader']>();
    for (const { path, reader } of [...fifos, ...others]) readers.set(path, readers.get(path) ?? reader);
    this.#fifos = new Map(
      [...readers].map(([path, reader]) => {
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
    if (line !== undefined) this.#write(line, this.#healthPaths);
    if ((event.kind !== 'destination' && event.kind !== 'quorum') || event.script === undefined) return;
    this.#scripts.run({ ...event, script: event.script });
  }

  /** Writes a line, with its line feed, into the other pipes. Never throws, and waits for nothing. */
  write(line: string): void {
    if (!this.#closed) this.#write(line, this.#otherPaths);
  }

  /** Lets scripts end and lines be read within some seconds, then ends what still runs. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const fifo of this.#fifos.values()) this.#end(fifo);
    await Promise.all([this.#endScripts(), ...this.#ending]);
  }

  #write(line: string, paths: ReadonlySet<string>): void {
    for (const path of paths) this.#fifos.get(path)?.write(line);
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
