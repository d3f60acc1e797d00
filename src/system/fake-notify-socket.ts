import { AF_UNIX, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_DGRAM } from './constants.ts';
import { bind, close, lastErrno, recv, socket } from './libc.ts';
import { unixAddress } from './sd-notify.ts';
import { SystemCallError } from './system-call-error.ts';

/** errno.h */
const EAGAIN = 11;
/** How long a test waits for a notification before it fails, in milliseconds. */
const PATIENCE = 30_000;

/** A service manager's end of NOTIFY_SOCKET, for tests: it keeps what arrives. */
export class FakeNotifySocket {
  /** Datagrams in the order of their arrival, each as its lines. */
  readonly received: string[][] = [];
  readonly #fd: number;
  readonly #timer: NodeJS.Timeout;

  constructor(path: string) {
    this.#fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const address = unixAddress(path);
    if (this.#fd < 0 || bind(this.#fd, address, address.length) < 0) throw new SystemCallError('bind');
    this.#timer = setInterval(() => this.read(), 5);
  }

  /** Takes what has arrived. */
  read(): void {
    const buffer = new Uint8Array(4096);
    for (;;) {
      const length = recv(this.#fd, buffer, buffer.length, MSG_DONTWAIT);
      if (length < 0) {
        if (lastErrno() === EAGAIN) return;
        throw new SystemCallError('recv');
      }
      this.received.push(Buffer.from(buffer.subarray(0, length)).toString().trimEnd().split('\n'));
    }
  }

  /** Waits for a datagram after the first `from` ones with the line; returns its index. */
  async waitFor(line: string | RegExp, from = 0): Promise<number> {
    const fits = (text: string) => (typeof line === 'string' ? text === line : line.test(text));
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
      const found = this.received.findIndex((lines, index) => index >= from && lines.some(fits));
      if (found >= 0) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no ${line} among ${JSON.stringify(this.received)}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    close(this.#fd);
  }
}
