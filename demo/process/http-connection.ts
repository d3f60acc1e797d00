import { once } from 'node:events';
import net from 'node:net';
import type { Target } from './client-order.ts';

const LIMIT_MS = 5000;

/** A connection to a server of HTTP that stays until it is reset. */
export class HttpConnection {
  readonly #socket: net.Socket;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    // Where nobody waits for an answer.
    socket.on('error', () => {});
  }

  /** Rejects where it is refused, or takes longer than 5 s. */
  static async open({ address: host, port, from }: Target): Promise<HttpConnection> {
    const local = from === undefined ? {} : { localAddress: from };
    const socket = net.connect({ host, port, noDelay: true, ...local });
    const connection = new HttpConnection(socket);
    await once(socket, 'connect', { signal: AbortSignal.timeout(LIMIT_MS) });
    return connection;
  }

  /** Sends a request; what the body of the answer says. Rejects where there is none within 5 s. */
  async ask(): Promise<string> {
    this.#socket.write('GET / HTTP/1.1\r\nHost: vipr.example\r\n\r\n');
    const signal = AbortSignal.timeout(LIMIT_MS);
    let text = '';
    while (true) {
      const body = bodyOf(text);
      if (body !== undefined) return body;
      // Rejects on `error`; `close` comes without one where the server just ends.
      const [chunk] = await Promise.race([
        once(this.#socket, 'data', { signal }),
        once(this.#socket, 'close', { signal }),
      ]);
      if (!(chunk instanceof Buffer)) throw new Error('the connection ended without an answer');
      text += chunk.toString('latin1');
    }
  }

  /** Ends it by RST: what balances it forgets it after 10 s, as IPVS does, and not after two minutes. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }
}

/** Undefined where there is more to come. */
function bodyOf(answer: string): string | undefined {
  const end = answer.indexOf('\r\n\r\n');
  const length = Number(/^content-length: *(\d+)/im.exec(answer)?.[1]);
  if (end < 0 || answer.length < end + 4 + length) return undefined;
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(answer.slice(0, answer.indexOf('\r\n')));
  return answer.slice(end + 4, end + 4 + length).trim();
}
