import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
} from './constants.ts';
import { closeDoorbell, openDoorbell, ringDoorbell } from './doorbell.ts';
import { close, epoll_create1, epoll_ctl, epoll_wait_async } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

/*
 * Node.js cannot watch a netlink socket: libuv takes only descriptors whose kind it knows. So one epoll_wait(2) at a time
 * runs on a thread of libuv's pool, for all waiting sockets of the process together, and only while there are any: waiting
 * costs one of the pool's threads however many sockets wait, the event loop runs on, and news come at once.
 *
 * The call is cut into slices, because process.exit() waits for it, and so does other work where the pool has but one
 * thread (UV_THREADPOOL_SIZE).
 */
const SLICE_MS = 200;

/** struct epoll_event is packed on x86-64 only (linux/eventpoll.h, EPOLL_PACKED). */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const TOKEN_OFFSET = EVENT_BYTES - 8;
const MOST_EVENTS = 64;

/**
 * Resolves when the descriptor can be read or has an error, or when {@link stopWaiting} is called. One wait a descriptor at a
 * time.
 */
export function whenReadable(fd: number): Promise<void> {
  loop ??= new ReadinessLoop();
  return loop.wait(fd);
}

/** Ends a wait for the descriptor, if there is one. To be called before the descriptor is closed. */
export function stopWaiting(fd: number): void {
  loop?.stop(fd);
}

let loop: ReadinessLoop | undefined;

class ReadinessLoop {
  readonly #epoll = epoll_create1(EPOLL_CLOEXEC);
  readonly #doorbell = openDoorbell();
  readonly #waiting = new Map<number, () => void>();
  readonly #events = new Uint8Array(new ArrayBuffer(EVENT_BYTES * MOST_EVENTS));
  readonly #view = new DataView(this.#events.buffer);
  #running = false;

  constructor() {
    if (this.#epoll < 0) throw new SystemCallError('epoll_create1');
    this.#control(EPOLL_CTL_ADD, this.#doorbell, EPOLLIN | EPOLLET);
  }

  wait(fd: number): Promise<void> {
    this.#control(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLERR | EPOLLHUP);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(fd, resolve);
    if (!this.#running) this.#run();
    return promise;
  }

  stop(fd: number): void {
    if (!this.#finish(fd)) return;
    // Nobody is left who waits: without this the process would stay for the rest of the slice.
    if (this.#waiting.size === 0) ringDoorbell(this.#doorbell);
  }

  #run(): void {
    this.#running = true;
    epoll_wait_async(this.#epoll, this.#events, MOST_EVENTS, SLICE_MS, (_, count) => {
      this.#running = false;
      // An interrupted wait brings -1, which is no event.
      const ready = Array.from({ length: Math.max(count, 0) }, (__, index) =>
        this.#view.getUint32(index * EVENT_BYTES + TOKEN_OFFSET, true),
      );
      for (const fd of ready) this.#finish(fd);
      if (this.#waiting.size > 0) this.#run();
      else this.#close();
    });
  }

  #finish(fd: number): boolean {
    const resolve = this.#waiting.get(fd);
    if (resolve === undefined) return false;
    this.#waiting.delete(fd);
    this.#control(EPOLL_CTL_DEL, fd, 0);
    resolve();
    return true;
  }

  #close(): void {
    loop = undefined;
    closeDoorbell(this.#doorbell);
    close(this.#epoll);
  }

  #control(operation: number, fd: number, events: number): void {
    const event = new Uint8Array(EVENT_BYTES);
    const view = new DataView(event.buffer);
    view.setUint32(0, events, true);
    view.setUint32(TOKEN_OFFSET, fd, true);
    if (epoll_ctl(this.#epoll, operation, fd, event) < 0) throw new SystemCallError('epoll_ctl');
  }
}
