import type { Socket } from 'node:net';
import { ViprError } from '../model/error.ts';
import { type HttpResponse, readHttpResponse } from './http-response.ts';
import type { RequestOptions, RequestSender, StopSignal } from './request-sender.ts';
import type { RequestTarget } from './request-target.ts';

/** A director that is silent for longer has failed, in milliseconds. */
const SILENCE_LIMIT = 60_000;

/** HTTP requests to a director, each on a connection of its own; failures become ViprErrors that say what to do. */
export class Requester implements RequestSender {
  readonly #target: RequestTarget;
  readonly #open = new Set<Socket>();

  #closings = 0;

  constructor(target: RequestTarget) {
    this.#target = target;
  }

  get closings(): number {
    return this.#closings;
  }

  /** The answer as soon as its head is there. */
  async request(method: 'GET' | 'POST', path: string, options: RequestOptions = {}): Promise<HttpResponse> {
    const socket = await this.#target.open();
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    const { signal } = options;
    if (signal !== undefined) endWith(socket, signal);
    socket.setTimeout(SILENCE_LIMIT, () => socket.destroy(this.#silence()));
    socket.write(requestText(method, path, { ...this.#target.headers, ...options.headers }, options.body));
    try {
      const response = await readHttpResponse(socket);
      // A reader may take its time with an answer that has begun: `ipvsadm -Lc | less`.
      socket.setTimeout(options.silence ?? 0);
      return { status: response.status, body: this.#closing(socket, response.body) };
    } catch (error) {
      socket.destroy();
      throw this.explain(error);
    }
  }

  /** Ends what runs; later requests work again. */
  close(): void {
    this.#closings += 1;
    for (const socket of this.#open) socket.destroy();
  }

  /** A failure of the connection as a ViprError; other errors as they are. */
  explain(error: unknown): unknown {
    return error instanceof ViprError || !(error instanceof Error) ? error : this.#target.explain(error);
  }

  async *#closing(socket: Socket, body: AsyncIterable<string>): AsyncIterable<string> {
    try {
      yield* body;
    } catch (error) {
      throw this.explain(error);
    } finally {
      socket.destroy();
    }
  }

  #silence(): ViprError {
    return new ViprError(
      'ENGINE_FAILED',
      `The director at ${this.#target.name} has not answered for ${SILENCE_LIMIT / 1000} seconds.`,
      { hint: 'Look at its log, and restart it where it hangs.' },
    );
  }
}

function requestText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${path} HTTP/1.1\r\n${lines.join('')}Connection: close\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function endWith(socket: Socket, signal: StopSignal): void {
  const end = () => void socket.destroy(leftByUs());
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  socket.once('close', () => signal.removeEventListener('abort', end));
}

/** As a connection that the other side cut. */
function leftByUs(): NodeJS.ErrnoException {
  return Object.assign(new Error('the request was given up'), { code: 'ECONNRESET' });
}
