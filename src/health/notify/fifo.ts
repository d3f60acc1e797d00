import type { ScriptCommand } from '../../model/script-command.ts';
import { sameData } from '../same-data.ts';
import { resolveScriptUser } from '../script/script-user.ts';
import { SYSTEM_TIMERS, type Timers } from '../timers.ts';
import { within } from '../within.ts';
import { FifoReader } from './fifo-reader.ts';
import { FifoWriter } from './fifo-writer.ts';
import type { NotifyModules } from './notify-modules.ts';

/** How long lines may take to be read when it ends, and then the reader to end by itself, in milliseconds. */
const CLOSE_LIMIT = 2000;
/** How often it is looked whether they are read, in milliseconds. */
const LOOK_AGAIN = 50;

/** A named pipe with the program that reads it. */
export class Fifo {
  readonly #path: string;
  readonly #modules: NotifyModules;
  readonly #timers: Timers;
  readonly #writer: FifoWriter;
  #wanted: ScriptCommand | undefined;
  #reader: FifoReader | undefined;
  /** Changes of the reader, one after the other. */
  #changing: Promise<void> | undefined;
  #closed = false;

  constructor(path: string, modules: NotifyModules) {
    this.#path = path;
    this.#modules = modules;
    this.#timers = modules.timers ?? SYSTEM_TIMERS;
    const onProblem = (text: string): void => modules.onProblem({ kind: 'fifo', text });
    this.#writer = new FifoWriter(path, this.#timers, onProblem);
  }

  /** Has it read by this program from now on; one that reads already goes on, another one is ended first. */
  readBy(reader: ScriptCommand | undefined): void {
    const stays = this.#reader?.isGivenUp !== true && sameData(reader, this.#wanted);
    if (this.#changing !== undefined && stays) return;
    this.#wanted = reader;
    this.#changing = (this.#changing ?? Promise.resolve()).then(() => this.#change(reader));
  }

  write(line: string): void {
    if (!this.#closed) this.#writer.write(line);
  }

  /** Lets what was written be read, then ends the reader. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#changing;
    this.#reader?.retire();
    const limit = this.#modules.now() + CLOSE_LIMIT;
    while (this.#writer.waiting > 0 && this.#modules.now() < limit) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#timers.after(LOOK_AGAIN, resolve);
      await promise;
    }
    this.#writer.close();
    if (this.#reader === undefined) return;
    // It has read to the end of the file now: most programs end by themselves.
    await within(this.#reader.ended, CLOSE_LIMIT, this.#timers);
    this.#reader.stop();
    await this.#reader.ended;
  }

  async #change(reader: ScriptCommand | undefined): Promise<void> {
    this.#reader?.stop();
    await this.#reader?.ended;
    this.#reader = undefined;
    // The pipe belongs to whom the reader runs as. A name that is unknown is told when the reader is started.
    const owner = reader && (await resolveScriptUser(reader).catch(() => undefined));
    this.#writer.open(owner);
    if (reader !== undefined && !this.#closed)
      this.#reader = new FifoReader(reader, this.#path, this.#modules);
  }
}
