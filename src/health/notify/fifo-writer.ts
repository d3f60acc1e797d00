import { chownSync, closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { makeFifo } from '../../system/make-fifo.ts';
import { SystemCallError } from '../../system/system-call-error.ts';
import type { Timers } from '../timers.ts';

/** Lines that wait for a reader, beside the 64 KiB that the kernel keeps; with one more, the oldest is lost. */
const MOST_WAITING = 10_000;
/** Until a pipe that is full or cannot be opened is tried again, in milliseconds: at first, and doubled up to this. */
const FIRST_RETRY = 100;
const LAST_RETRY = 5000;

/** Who may open a pipe that is made. */
export interface FifoOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Writes lines into a named pipe, in order, each whole or not at all. It waits for nobody: what nobody reads is kept in the pipe, then
 * here, and in the end lost. It holds the pipe open for reading, too, so that lines are kept while there is no reader, and that
 * one that goes is no error (fifo(7)).
 */
export class FifoWriter {
  readonly #path: string;
  readonly #timers: Timers;
  readonly #onProblem: (text: string) => void;
  readonly #waiting: string[] = [];
  #owner: FifoOwner | undefined;
  #opened = false;
  #pipe: { readonly fd: number; readonly inode: number; readonly device: number } | undefined;
  #disarm: (() => void) | undefined;
  #retryAfter = FIRST_RETRY;
  #lost = 0;
  /** What kept it from opening the pipe, as far as it was told. */
  #trouble: string | undefined;

  constructor(path: string, timers: Timers, onProblem: (text: string) => void) {
    this.#path = path;
    this.#timers = timers;
    this.#onProblem = onProblem;
  }

  /**
   * Makes the pipe where it is missing, so that readers find it; a pipe that is made belongs to `owner`, with mode 0600. Lines wait
   * for this.
   */
  open(owner?: FifoOwner): void {
    this.#owner = owner;
    this.#opened = true;
    this.#ready();
    this.#flush();
  }

  /** Lines that were not written yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** A line with its line feed, of at most 4096 bytes (PIPE_BUF). */
  write(line: string): void {
    this.#waiting.push(line);
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      if (this.#lost++ === 0)
        this.#onProblem(`${this.#path}: nobody reads it; the oldest lines are lost from now on`);
    }
    this.#flush();
  }

  /** Lets go of the pipe, which stays; lines that still wait are lost. */
  close(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    this.#lost += this.#waiting.length;
    this.#waiting.length = 0;
    this.#tellLost();
    this.#closePipe();
  }

  #flush(): void {
    if (this.#disarm !== undefined || !this.#opened || this.#waiting.length === 0) return;
    let written = 0;
    try {
      const pipe = this.#ready();
      for (; pipe !== undefined && written < this.#waiting.length; written++) {
        writeSync(pipe.fd, this.#waiting[written] ?? '');
      }
    } catch (error) {
      // EAGAIN is a full pipe; whatever else there may be is not better for being tried at once.
      if (codeOf(error) !== 'EAGAIN') this.#inTrouble(`cannot be written: ${String(error)}`);
    }
    this.#waiting.splice(0, written);
    this.#retryAfter = written > 0 ? FIRST_RETRY : Math.min(LAST_RETRY, 2 * this.#retryAfter);
    if (this.#waiting.length === 0) this.#tellLost();
    else {
      this.#disarm = this.#timers.after(this.#retryAfter, () => {
        this.#disarm = undefined;
        this.#flush();
      });
    }
  }

  /** The open pipe; undefined where there is none to be had, which is told once. */
  #ready(): { readonly fd: number } | undefined {
    try {
      this.#openPipe();
      this.#trouble = undefined;
    } catch (error) {
      this.#closePipe();
      this.#inTrouble(error instanceof NotAFifo ? error.message : `cannot be opened: ${String(error)}`);
    }
    return this.#pipe;
  }

  /** Opens what has the path now: someone may have made it anew. */
  #openPipe(): void {
    const found = statSync(this.#path, { throwIfNoEntry: false }) ?? this.#make();
    if (!found.isFIFO()) throw new NotAFifo();
    if (found.ino === this.#pipe?.inode && found.dev === this.#pipe.device) return;
    this.#closePipe();
    const fd = openSync(this.#path, constants.O_RDWR | constants.O_NONBLOCK);
    const { ino: inode, dev: device } = fstatSync(fd);
    this.#pipe = { fd, inode, device };
    if (!fstatSync(fd).isFIFO()) throw new NotAFifo();
  }

  #make(): ReturnType<typeof fstatSync> {
    try {
      makeFifo(this.#path, 0o600);
      if (this.#owner !== undefined) chownSync(this.#path, this.#owner.uid, this.#owner.gid);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    return statSync(this.#path);
  }

  #closePipe(): void {
    if (this.#pipe !== undefined) closeSync(this.#pipe.fd);
    this.#pipe = undefined;
  }

  #inTrouble(text: string): void {
    if (text === this.#trouble) return;
    this.#trouble = text;
    this.#onProblem(`${this.#path} ${text}`);
  }

  #tellLost(): void {
    if (this.#lost > 0) this.#onProblem(`${this.#path}: ${this.#lost} lines were lost`);
    this.#lost = 0;
  }
}

class NotAFifo extends Error {
  override readonly message = 'is no named pipe; name another path, or remove what is there';
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof SystemCallError) return error.code;
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
