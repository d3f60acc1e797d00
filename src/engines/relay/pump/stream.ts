import { EAGAIN, EINTR, MSG_NOSIGNAL, SHUT_WR } from '../../../system/constants.ts';
import { lastErrno, recv, send, shutdown } from '../../../system/libc.ts';
import { BUFFER_BYTES, type BufferPool } from './buffer-pool.ts';

/** Reads after which a busy stream lets others have their turn. */
const READS_A_TURN = 8;

/**
 * How a turn of a stream ended: `idle` waits for the source to become readable or the sink writable, `more` has work left
 * for the next turn, `finished` has passed everything on, its end included, `failed` lost its source, `broken` its sink.
 */
export type StreamState = 'idle' | 'more' | 'finished' | 'failed' | 'broken';

/** What the streams of one pump share. */
export interface StreamModules {
  readonly buffers: BufferPool;
  /** The buffer for the next read; streams swap it for a fresh one when they keep it. */
  reading: Uint8Array;
  /** Hears of each read before its bytes go on, so that whoever got them finds them counted. */
  readonly read: (bytes: number) => void;
}

/**
 * One direction of a TCP connection: bytes from one socket to another, in order, none kept longer than the sink needs to
 * take them. While the sink is full nothing is read, so the sender's window closes (back-pressure).
 */
export class Stream {
  readonly from: number;
  readonly to: number;
  /**
   * Set when the source announced its end (EPOLLRDHUP), an error, or urgent data, at which reads stop: a short read is then
   * not the last word.
   */
  readOn = false;
  /** Set when the source reported an error (EPOLLERR), such as a reset: what the sink does not take at once is lost then. */
  failing = false;
  #kept: Uint8Array | undefined;
  #keptFrom = 0;
  #keptTo = 0;
  #sourceEnded = false;
  #finished = false;

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Puts bytes in front of everything that is read from the source; only before the first {@link advance}. */
  prepend(bytes: Uint8Array): void {
    this.#kept = bytes;
    this.#keptTo = bytes.length;
  }

  /** Moves what can be moved now. */
  advance(modules: StreamModules): StreamState {
    if (this.#finished) return this.failing ? 'failed' : 'finished';
    for (let reads = 0; reads < READS_A_TURN; reads++) {
      if (this.#kept !== undefined) {
        const state = this.#sendKept(modules, this.#kept);
        if (state !== 'more') return this.#stalled(state);
      }
      if (this.#sourceEnded) return this.#finish();
      const buffer = modules.reading;
      const length = recv(this.from, buffer, BUFFER_BYTES, 0);
      if (length > 0) {
        modules.read(length);
        const state = this.#send(modules, buffer, length);
        if (state !== 'more') return this.#stalled(state);
        if (length < BUFFER_BYTES && !this.readOn) return 'idle';
      } else if (length === 0) {
        this.#sourceEnded = true;
      } else {
        const errno = lastErrno();
        if (errno === EAGAIN) return 'idle';
        if (errno !== EINTR) return 'failed';
      }
    }
    return 'more';
  }

  /** Gives back what the stream holds; the sockets are the connection's to close. */
  release(modules: StreamModules): void {
    if (this.#kept !== undefined) modules.buffers.give(this.#kept);
    this.#kept = undefined;
  }

  #send(modules: StreamModules, buffer: Uint8Array, length: number): StreamState {
    const sent = send(this.to, buffer, length, MSG_NOSIGNAL);
    if (sent === length) return 'more';
    const errno = sent < 0 ? lastErrno() : EAGAIN;
    if (errno !== EAGAIN && errno !== EINTR) return 'broken';
    this.#kept = buffer;
    this.#keptFrom = Math.max(sent, 0);
    this.#keptTo = length;
    modules.reading = modules.buffers.take();
    // A sink that took less than offered is full, and an edge will tell when it has room (tcp_sendmsg sets SOCK_NOSPACE).
    return errno === EINTR ? 'more' : 'idle';
  }

  #sendKept(modules: StreamModules, kept: Uint8Array): StreamState {
    const rest = this.#keptTo - this.#keptFrom;
    const sent = send(this.to, kept.subarray(this.#keptFrom, this.#keptTo), rest, MSG_NOSIGNAL);
    if (sent < 0) {
      const errno = lastErrno();
      if (errno === EINTR) return 'more';
      return errno === EAGAIN ? 'idle' : 'broken';
    }
    this.#keptFrom += sent;
    if (this.#keptFrom < this.#keptTo) return 'idle';
    this.#kept = undefined;
    modules.buffers.give(kept);
    return 'more';
  }

  /** No later event would tell of the source's error again. */
  #stalled(state: StreamState): StreamState {
    return state === 'idle' && this.failing ? 'failed' : state;
  }

  #finish(): StreamState {
    shutdown(this.to, SHUT_WR);
    this.#finished = true;
    return 'finished';
  }
}
