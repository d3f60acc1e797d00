import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Verdict } from '../checker.ts';
import { oneLine } from '../one-line.ts';
import type { ConnectTarget } from './connect-target.ts';
import { dial } from './dial.ts';
import { explainFailure } from './explain-failure.ts';
import { bad, CheckFailure, type Talk, type Turn } from './talk.ts';

/** How a conversation speaks TLS. */
export interface TlsClient {
  /** Starts the handshake on a connected socket; may throw. */
  start(socket: Socket): TLSSocket;
  /** What is wrong with the server's certificate; undefined where nothing is. */
  objection(socket: TLSSocket): string | undefined;
  /** What failed in the handshake, for people. */
  explain(error: unknown): string;
}

/**
 * Connects, talks until there is a verdict, and closes. Never rejects; settles at once when the signal is aborted. Everything is closed
 * when it settles.
 *
 * Connections end by FIN, as those of clients do, also after no byte was sent: servers log resets, and count them as attacks. The
 * price is a TIME_WAIT on this side, a few hundred bytes for a minute, never on the server's. Only one with a source port of its own
 * ends by RST: see openBoundTcpSocket.
 */
export function converse(
  target: ConnectTarget,
  signal: AbortSignal,
  talk: Talk,
  tls?: TlsClient,
): Promise<Verdict> {
  return new Promise((resolve) => new Conversation(signal, talk, tls, resolve).start(target));
}

class Conversation {
  readonly #signal: AbortSignal;
  readonly #talk: Talk;
  readonly #tls: TlsClient | undefined;
  readonly #resolve: (verdict: Verdict) => void;
  #port = 0;
  #phase: 'connect' | 'handshake' | 'talk' | 'settled' = 'connect';
  #socket: Socket | undefined;
  #secured: TLSSocket | undefined;

  constructor(
    signal: AbortSignal,
    talk: Talk,
    tls: TlsClient | undefined,
    resolve: (verdict: Verdict) => void,
  ) {
    this.#signal = signal;
    this.#talk = talk;
    this.#tls = tls;
    this.#resolve = resolve;
  }

  start(target: ConnectTarget): void {
    this.#attempt(() => {
      if (this.#signal.aborted) throw new CheckFailure('there was no time for it');
      this.#port = target.port;
      const socket = dial(target);
      this.#socket = socket;
      this.#signal.addEventListener('abort', this.#onAbort);
      socket.on('error', this.#onError);
      socket.once('connect', this.#onConnect);
    });
  }

  readonly #onConnect = (): void => {
    const tls = this.#tls;
    const socket = this.#socket;
    if (this.#phase === 'settled' || socket === undefined) return;
    if (isOwnPeer(socket, this.#port)) this.#settle(bad('connection refused'));
    else if (tls === undefined) this.#begin(socket);
    else this.#shakeHands(tls, socket);
  };

  #shakeHands(tls: TlsClient, socket: Socket): void {
    this.#phase = 'handshake';
    this.#attempt(() => {
      const secured = tls.start(socket);
      this.#secured = secured;
      secured.on('error', this.#onError);
      secured.once('secureConnect', () => this.#onSecure(tls, secured));
      secured.once('end', this.#onEnd);
    });
  }

  #onSecure(tls: TlsClient, secured: TLSSocket): void {
    if (this.#phase === 'settled') return;
    this.#attempt(() => {
      const objection = tls.objection(secured);
      if (objection !== undefined) this.#settle(bad(objection));
      else this.#begin(secured);
    });
  }

  #begin(socket: Socket): void {
    this.#phase = 'talk';
    this.#take(() => this.#talk.begin());
    if (this.#isSettled()) return;
    socket.on('data', this.#onData);
    if (socket === this.#socket) socket.once('end', this.#onEnd);
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#phase === 'talk') this.#take(() => this.#talk.hear(bytes));
  };

  readonly #onEnd = (): void => {
    if (this.#phase === 'handshake') this.#settle(bad('TLS: connection closed in the handshake'));
    else if (this.#phase === 'talk') this.#take(() => this.#talk.end());
  };

  readonly #onError = (error: unknown): void => {
    if (this.#phase === 'settled') return;
    if (this.#phase === 'handshake' && this.#tls !== undefined) this.#settle(bad(this.#tls.explain(error)));
    else if (this.#phase === 'talk' && this.#talk.waitingFor !== '')
      this.#settle(bad(`${explainFailure(error)} while waiting for ${this.#talk.waitingFor}`));
    else this.#settle(bad(explainFailure(error)));
  };

  readonly #onAbort = (): void => {
    if (this.#phase === 'connect') this.#settle(bad('timed out connecting'));
    else if (this.#phase === 'handshake') this.#settle(bad('timed out in the TLS handshake'));
    else this.#settle(bad(`timed out waiting for ${this.#talk.waitingFor}`));
  };

  #take(turn: () => Turn): void {
    this.#attempt(() => {
      const next = turn();
      if (next === undefined) return;
      if ('say' in next) (this.#secured ?? this.#socket)?.write(next.say, 'latin1');
      else this.#settle(next);
    });
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#settle(bad(error instanceof CheckFailure ? oneLine(error.message) : explainFailure(error)));
    }
  }

  #isSettled(): boolean {
    return this.#phase === 'settled';
  }

  #settle(verdict: Verdict): void {
    if (this.#phase === 'settled') return;
    this.#phase = 'settled';
    this.#signal.removeEventListener('abort', this.#onAbort);
    // The listeners for errors stay, and hear in vain.
    this.#secured?.destroy();
    this.#socket?.destroy();
    this.#resolve(verdict);
  }
}

/** Ports below are not given to clients by the system (net.ipv4.ip_local_port_range begins above). */
const FIRST_CLIENT_PORT = 1024;

/**
 * Whether the connection ends where it begins: on an address of this machine where nobody listens, TCP connects to itself when the system
 * happens to choose the target's port for it (RFC 9293, section 3.5, simultaneous open).
 */
function isOwnPeer(socket: Socket, port: number): boolean {
  return (
    port >= FIRST_CLIENT_PORT && socket.localPort === port && socket.localAddress === socket.remoteAddress
  );
}
