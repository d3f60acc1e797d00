import { Agent, type IncomingMessage, request } from 'node:http';
import { ViprError } from '../model/error.ts';

/** A director that is silent for longer has failed, in milliseconds. */
const SILENCE_LIMIT = 60_000;

/** HTTP requests over a Unix socket, on connections that are kept; failures become ViprErrors that say what to do. */
export class SocketRequester {
  readonly #socketPath: string;
  /** Idle connections do not keep the process alive. */
  readonly #agent = new Agent({ keepAlive: true });

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** The answer as soon as its head is there. A GET whose kept connection turns out to be dead is tried once more. */
  async request(method: 'GET' | 'POST', path: string, body?: string): Promise<IncomingMessage> {
    try {
      return await this.#attempt(method, path, body);
    } catch (error) {
      if (method !== 'GET' || !(error instanceof DeadConnection)) throw this.explain(error);
    }
    try {
      return await this.#attempt(method, path, body);
    } catch (error) {
      throw this.explain(error);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** A failure of the connection as a ViprError; other errors as they are. */
  explain(error: unknown): unknown {
    const cause = error instanceof DeadConnection ? error.cause : error;
    if (cause instanceof ViprError || !(cause instanceof Error)) return cause;
    const code = String((cause as NodeJS.ErrnoException).code);
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
    if (code.startsWith('HPE_')) {
      return new ViprError('RESPONSE_INVALID', `What listens at ${at} does not speak HTTP.`, {
        cause,
        hint: 'Check that VIPR_SOCKET names the control socket of a director.',
      });
    }
    return new ViprError('SYSTEM_CALL_FAILED', `The director's socket ${at} failed: ${cause.message}.`, {
      cause,
      errno: code,
      hint: 'Check the path of the socket; it has at most 107 bytes.',
    });
  }

  #attempt(method: string, path: string, body: string | undefined): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = {
      host: 'vipr',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }),
    };
    const outgoing = request(
      { method, path, headers, agent: this.#agent, socketPath: this.#socketPath, timeout: SILENCE_LIMIT },
      (response) => {
        // A reader may take its time with an answer that has begun: `ipvsadm -Lc | less`.
        outgoing.setTimeout(0);
        resolve(response);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(this.#silence()));
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      reject(outgoing.reusedSocket && error.code === 'ECONNRESET' ? new DeadConnection(error) : error);
    });
    outgoing.end(body);
    return promise;
  }

  #silence(): ViprError {
    return new ViprError(
      'ENGINE_FAILED',
      `The director at ${this.#socketPath} has not answered for ${SILENCE_LIMIT / 1000} seconds.`,
      { hint: 'Look at its log, and restart it where it hangs.' },
    );
  }
}

/** A kept connection that the other side had closed. */
class DeadConnection extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}
