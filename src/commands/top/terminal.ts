import type { ReadStream, WriteStream } from 'node:tty';
import type { Size } from './screen.ts';
import { ENTER_SCREEN, LEAVE_SCREEN } from './screen-writer.ts';

/** What is watched on: a terminal, or a fake of one. */
export interface Terminal {
  size(): Size;
  write(text: string): void;
  /** Takes the screen and the keyboard, and tells of keys as they are sent, and of other sizes. */
  enter(onInput: (text: string) => void, onResize: () => void): void;
  /** Gives everything back as it was; safe to call twice. */
  leave(): void;
  /** Stops this process, as Ctrl-Z does, and returns when it goes on. */
  suspend(): Promise<void>;
}

/** The terminal of this process. It is given back also where the process ends by an error that nobody catches. */
export class ProcessTerminal implements Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  #entered: { readonly onInput: (text: string) => void; readonly onResize: () => void } | undefined;
  readonly #onExit = () => this.leave();

  constructor(input: ReadStream = process.stdin, output: WriteStream = process.stdout) {
    this.#input = input;
    this.#output = output;
  }

  size(): Size {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  write(text: string): void {
    this.#output.write(text);
  }

  enter(onInput: (text: string) => void, onResize: () => void): void {
    this.#entered = { onInput, onResize };
    process.on('exit', this.#onExit);
    this.#output.on('resize', onResize);
    if (this.#input.isTTY) {
      this.#input.setRawMode(true);
      this.#input.setEncoding('utf8').on('data', onInput).resume();
    }
    this.write(ENTER_SCREEN);
  }

  leave(): void {
    if (this.#entered === undefined) return;
    const { onInput, onResize } = this.#entered;
    this.#entered = undefined;
    process.off('exit', this.#onExit);
    this.#output.off('resize', onResize);
    if (this.#input.isTTY) {
      this.#input.off('data', onInput).pause();
      this.#input.setRawMode(false);
    }
    this.write(LEAVE_SCREEN);
  }

  async suspend(): Promise<void> {
    const entered = this.#entered;
    this.leave();
    const goesOn = new Promise<void>((resolve) => void process.once('SIGCONT', () => resolve()));
    process.kill(process.pid, 'SIGSTOP');
    await goesOn;
    if (entered !== undefined) this.enter(entered.onInput, entered.onResize);
  }
}
