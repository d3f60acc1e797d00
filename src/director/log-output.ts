import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { monotonicMilliseconds } from '../system/clock.ts';
import { sendNow } from '../system/send-now.ts';

/** Bytes that wait for a reader; what comes on top is lost. */
const MOST_WAITING = 1 << 20;
/** Milliseconds until a full pipe is tried again. */
const PAUSE = 50;
/** Milliseconds that the end of the process waits for a reader. */
const LAST_WAIT = 500;
const LINE_FEED = Buffer.from('\n');

/**
 * Lines to a file descriptor. Neither a reader that left, nor one that does not read, nor a full disk stops the process: lines wait for a
 * reader as long as there is room, and are lost then. A pipe or terminal that this user may not open is written to as it is, and waited for.
 */
export class LogOutput {
  readonly #put: (bytes: Uint8Array) => number;
  readonly #onLost: (lines: number) => void;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #lost = 0;
  /** Of the line that is the first to wait, a part is written; or of the one before it, which was lost. */
  #begun = false;
  #torn = false;
  #timer: NodeJS.Timeout | undefined;

  /** `onLost` hears how many lines were lost, once writing works again. */
  constructor(fd: number, onLost: (lines: number) => void) {
    this.#put = writerOf(fd);
    this.#onLost = onLost;
    process.once('exit', () => this.#finish());
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > MOST_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#timer === undefined) this.#drain();
  }

  #drain(): void {
    this.#timer = undefined;
    const written = this.#writeWaiting();
    if (this.#waiting.length > 0) {
      this.#timer = setTimeout(() => this.#drain(), PAUSE);
      this.#timer.unref();
    } else if (written && this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#onLost(lost);
    }
  }

  /** Writes lines until one has to wait; returns whether the last one was written. */
  #writeWaiting(): boolean {
    let written = false;
    for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
      try {
        if (this.#torn) {
          this.#put(LINE_FEED);
          this.#torn = false;
        }
        const count = this.#put(bytes);
        this.#waitingBytes -= count;
        this.#begun = count < bytes.length;
        if (this.#begun) this.#waiting[0] = bytes.subarray(count);
        else this.#waiting.shift();
        written = true;
      } catch (error) {
        written = false;
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') break;
        this.#lose(bytes);
      }
    }
    return written;
  }

  /** EPIPE, ENOSPC: the line is lost. */
  #lose(rest: Uint8Array): void {
    this.#torn ||= this.#begun;
    this.#begun = false;
    this.#lost += 1;
    this.#waitingBytes -= rest.length;
    this.#waiting.shift();
  }

  #finish(): void {
    clearTimeout(this.#timer);
    const end = monotonicMilliseconds() + LAST_WAIT;
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    this.#writeWaiting();
    while (this.#waiting.length > 0 && monotonicMilliseconds() < end) {
      Atomics.wait(sleeper, 0, 0, 5);
      this.#writeWaiting();
    }
  }
}

/**
 * What writes without waiting. The mode of the descriptor itself stays as it is, as other processes have it, too: a socket is told with each
 * call, and a pipe or a terminal is opened anew by its name in /proc. Files do not make anybody wait for a reader.
 */
function writerOf(fd: number): (bytes: Uint8Array) => number {
  const plain = (bytes: Uint8Array) => writeSync(fd, bytes);
  try {
    const kind = fstatSync(fd);
    if (kind.isSocket()) return (bytes) => sendNow(fd, bytes);
    if (!kind.isFIFO() && !kind.isCharacterDevice()) return plain;
    const own = openSync(
      `/proc/self/fd/${fd}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_APPEND,
    );
    return (bytes) => writeSync(own, bytes);
  } catch {
    return plain;
  }
}
