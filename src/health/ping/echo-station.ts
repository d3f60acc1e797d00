import { ECHO, type IcmpSocket } from '../../system/raw/icmp-socket.ts';
import { decodeEcho, type EchoMessage, encodeEcho } from './echo-message.ts';

/** What came for an echo. */
export type EchoOutcome =
  | { readonly kind: 'reply' }
  /** An error of ICMP, or of this system where `type` is 0; `from` is who sent it. */
  | {
      readonly kind: 'error';
      readonly type: number;
      readonly code: number;
      readonly errno: number;
      readonly from?: Uint8Array;
    }
  | { readonly kind: 'aborted' };

/** What a station needs of a socket. */
export type EchoSocket = Pick<
  IcmpSocket,
  'family' | 'raw' | 'send' | 'receive' | 'errors' | 'readable' | 'close'
>;

interface Waiting {
  readonly to: Uint8Array;
  readonly data: Uint8Array;
  readonly settle: (outcome: EchoOutcome) => void;
}

/** Bytes of an echo's data: what is random tells its reply from any other's. */
const DATA_BYTES = 16;

/** Any number of echoes at once over one socket: replies find their echo by sequence number, address and data. */
export class EchoStation {
  readonly #socket: EchoSocket;
  readonly #randomBytes: (count: number) => Uint8Array;
  readonly #waiting = new Map<number, Waiting>();
  readonly #identifier: number;
  #sequence: number;
  #closed = false;

  /** It closes the socket when it is closed itself. */
  constructor(socket: EchoSocket, randomBytes: (count: number) => Uint8Array) {
    this.#socket = socket;
    this.#randomBytes = randomBytes;
    const [a = 0, b = 0, c = 0, d = 0] = randomBytes(4);
    this.#identifier = (a << 8) | b;
    this.#sequence = (c << 8) | d;
    void this.#listen();
  }

  /** Sends one echo and waits for what comes. Rejects with a SystemCallError where it cannot be sent. */
  async echo(to: Uint8Array, signal: AbortSignal): Promise<EchoOutcome> {
    const sequence = this.#freeSequence();
    if (sequence === undefined) throw new RangeError('65,536 echoes are on their way');
    const data = this.#randomBytes(DATA_BYTES);
    const { promise, resolve } = Promise.withResolvers<EchoOutcome>();
    const abort = (): void => resolve({ kind: 'aborted' });
    this.#waiting.set(sequence, { to, data, settle: resolve });
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) return { kind: 'aborted' };
      const message = { identifier: this.#identifier, sequence, data };
      this.#socket.send(to, encodeEcho(this.#socket.family, message));
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#waiting.delete(sequence);
    }
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  #freeSequence(): number | undefined {
    for (let tried = 0; tried < 0x10000; tried++) {
      this.#sequence = (this.#sequence + 1) & 0xffff;
      if (!this.#waiting.has(this.#sequence)) return this.#sequence;
    }
    return undefined;
  }

  async #listen(): Promise<void> {
    while (!this.#closed) {
      await this.#socket.readable();
      // One error must not keep the others from their answers: what waits is told by its own time limit.
      try {
        this.#take();
      } catch {
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  #take(): void {
    const { request, reply } = ECHO[this.#socket.family];
    for (const { from, bytes } of this.#socket.receive()) {
      const waiting = this.#find(decodeEcho(bytes, reply));
      if (waiting !== undefined && Buffer.compare(waiting.to, from) === 0) waiting.settle({ kind: 'reply' });
    }
    for (const { type, code, errno, offender, payload } of this.#socket.errors()) {
      const from = offender === undefined ? {} : { from: offender };
      // A quotation may end within the data (RFC 792: 64 bits of it).
      this.#find(decodeEcho(payload, request))?.settle({ kind: 'error', type, code, errno, ...from });
    }
  }

  #find(message: EchoMessage | undefined): Waiting | undefined {
    if (message === undefined) return undefined;
    // Others get their identifier from the kernel, which then compares it.
    if (this.#socket.raw && message.identifier !== this.#identifier) return undefined;
    const waiting = this.#waiting.get(message.sequence);
    const quoted = message.data.subarray(0, DATA_BYTES);
    if (waiting === undefined || Buffer.compare(waiting.data.subarray(0, quoted.length), quoted) !== 0)
      return undefined;
    return waiting;
  }
}
