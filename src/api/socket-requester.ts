import { connect, type Socket } from 'node:net';
import { ViprError } from '../model/error.ts';
import { type HttpResponse, readHttpResponse } from './http-response.ts';

/** A director that is silent for longer has failed, in milliseconds. */
const SILENCE_LIMIT = 60_000;

/** HTTP requests over a Unix socket, each on a connection of its own; failures become ViprErrors that say what to do. */
export class SocketRequester {
  readonly #socketPath: string;
  readonly #open = new Set<Socket>();

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The answer as soon as its head is there. */
  async request(method: 'GET' | 'POST', path: string, body?: string): Promise<HttpResponse> {
    const socket = connect(this.#socketPath);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    socket.setTimeout(SILENCE_LIMIT, () => socket.destroy(this.#silence()));
    socket.write(requestText(method, path, body));
    try {
      const response = await readHttpResponse(socket);
      // A reader may take its time with an answer that has begun: `ipvsadm -Lc | less`.
      socket.setTimeout(0);
      return { status: response.status, body: this.#closing(socket, response.body) };
    } catch (error) {
      socket.destroy();
      throw this.explain(error);
    }
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }

  /** A failure of the connection as a ViprError; other errors as they are. */
  explain(error: unknown): unknown {
    if (error instanceof ViprError || !(error instanceof Error)) return error;
    const cause: NodeJS.ErrnoException = error;
    const code = String(cause.code);
    const at = this.#socketPath;
    switch (code) {
      case 'ENOENT':
      case 'ECONNREFUSED':
        return new ViprError('DIRECTOR_NOT_RUNNING', `No director is running at ${at} (${code}).`, {
          cause,
          hint: 'Start one with `vipr up`, or name its socket in VIPR_SOCKET.',
        });
      case 'EACCES':
      case 'EPERM':
        return new ViprError('PERMISSION_DENIED', `This user may not open the director's socket ${at}.`, {
          cause,
          errno: code,
          hint: 'Run the command as the user who runs the director, or as root.',
        });
      case 'ECONNRESET':
      case 'EPIPE':
        return new ViprError(
          'DIRECTOR_NOT_RUNNING',
          `The director at ${at} went away before it had answered.`,
          {
            cause,
            errno: code,
            hint: 'Look at its log; whether the request was carried out, the table of the next director tells.',
          },
        );
    }
    return new ViprError('SYSTEM_CALL_FAILED', `The director's socket ${at} failed: ${cause.message}.`, {
      cause,
      errno: code,
      hint: 'Check the path of the socket; it has at most 107 bytes.',
    });
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
      `The director at ${this.#socketPath} has not answered for ${SILENCE_LIMIT / 1000} seconds.`,
      { hint: 'Look at its log, and restart it where it hangs.' },
    );
  }
}

function requestText(method: string, path: string, body: string | undefined): string {
  const head = `${method} ${path} HTTP/1.1\r\nHost: vipr\r\nConnection: close\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
