import { EINTR, EPOLL_CLOEXEC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD } from './constants.ts';
import { close, epoll_create1, epoll_ctl, epoll_wait, lastErrno } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

/** struct epoll_event is packed on x86-64 only (linux/eventpoll.h, EPOLL_PACKED). */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const DATA_OFFSET = EVENT_BYTES - 8;

/**
 * epoll(7). Each descriptor is registered with a token of 32 bits, which comes back with its events.
 */
export class Epoll {
  readonly #fd: number;
  readonly #most: number;
  readonly #events: Uint8Array;
  readonly #view: DataView;
  readonly #one = new Uint8Array(EVENT_BYTES);
  readonly #oneView = new DataView(this.#one.buffer);

  /** @param most events that one {@link wait} may bring */
  constructor(most: number) {
    this.#fd = epoll_create1(EPOLL_CLOEXEC);
    if (this.#fd < 0) throw new SystemCallError('epoll_create1');
    this.#most = most;
    this.#events = new Uint8Array(EVENT_BYTES * most);
    this.#view = new DataView(this.#events.buffer);
  }

  add(fd: number, events: number, token: number): void {
    this.#control(EPOLL_CTL_ADD, fd, events, token);
  }

  modify(fd: number, events: number, token: number): void {
    this.#control(EPOLL_CTL_MOD, fd, events, token);
  }

  remove(fd: number): void {
    this.#control(EPOLL_CTL_DEL, fd, 0, 0);
  }

  /**
   * Waits at most `milliseconds` (-1: for ever) and returns how many events came; an interrupted wait counts as none.
   * The events are read by {@link events} and {@link token} until the next wait.
   */
  wait(milliseconds: number): number {
    const count = epoll_wait(this.#fd, this.#events, this.#most, milliseconds);
    if (count >= 0) return count;
    if (lastErrno() === EINTR) return 0;
    throw new SystemCallError('epoll_wait');
  }

  events(index: number): number {
    return this.#view.getUint32(index * EVENT_BYTES, true);
  }

  token(index: number): number {
    return this.#view.getUint32(index * EVENT_BYTES + DATA_OFFSET, true);
  }

  close(): void {
    close(this.#fd);
  }

  #control(operation: number, fd: number, events: number, token: number): void {
    this.#oneView.setUint32(0, events, true);
    this.#oneView.setUint32(DATA_OFFSET, token, true);
    if (epoll_ctl(this.#fd, operation, fd, this.#one) < 0) throw new SystemCallError('epoll_ctl');
  }
}
