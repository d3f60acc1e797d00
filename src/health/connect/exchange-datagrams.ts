import { createSocket, type Socket } from 'node:dgram';
import { familyOf } from '../../model/address.ts';
import { openBoundUdpSocket } from '../../system/bound-socket.ts';
import { close } from '../../system/libc.ts';
import type { Verdict } from '../checker.ts';
import { oneLine } from '../one-line.ts';
import { type ConnectTarget, obstacleTo } from './connect-target.ts';
import { originOf } from './dial.ts';
import { explainFailure } from './explain-failure.ts';
import { bad, CheckFailure } from './talk.ts';

/** A question in one datagram, as a machine that knows nothing of sockets. */
export interface DatagramTalk {
  /** What is sent; may be empty. */
  readonly question: Uint8Array;
  /** A datagram of the target; undefined waits for another. What it throws ends the exchange: {@link CheckFailure} with its message. */
  hear(datagram: Buffer): Verdict | undefined;
  /** Time is over, and the question was sent. */
  timedOut(): Verdict;
}

/**
 * Sends the question from a connected socket, so that only the target is heard and its ICMP errors are, too. Never rejects; settles at
 * once when the signal is aborted. The socket is closed when it settles.
 */
export function exchangeDatagrams(
  target: ConnectTarget,
  signal: AbortSignal,
  talk: DatagramTalk,
): Promise<Verdict> {
  return new Promise((resolve) => new DatagramExchange(signal, talk, resolve).start(target));
}

class DatagramExchange {
  readonly #signal: AbortSignal;
  readonly #talk: DatagramTalk;
  readonly #resolve: (verdict: Verdict) => void;
  #socket: Socket | undefined;
  #sent = false;
  #settled = false;

  constructor(signal: AbortSignal, talk: DatagramTalk, resolve: (verdict: Verdict) => void) {
    this.#signal = signal;
    this.#talk = talk;
    this.#resolve = resolve;
  }

  start(target: ConnectTarget): void {
    this.#attempt(() => {
      if (this.#signal.aborted) throw new CheckFailure('there was no time for it');
      const obstacle = obstacleTo(target);
      if (obstacle !== undefined) throw new CheckFailure(obstacle);
      const socket = openSocket(target);
      this.#socket = socket;
      this.#signal.addEventListener('abort', this.#onAbort);
      socket.on('error', this.#onError);
      socket.on('message', this.#onMessage);
      socket.once('connect', () => this.#send(socket, target));
      socket.connect(target.port, target.address);
    });
  }

  #send(socket: Socket, target: ConnectTarget): void {
    if (this.#settled) return;
    this.#attempt(() => {
      const { address, port } = socket.address();
      // On an address of this machine, the system may choose the target's port for the client only if nobody listens there.
      if (port === target.port && address === target.address) throw new CheckFailure('port unreachable');
      socket.send(this.#talk.question, (error) => {
        if (error === null) this.#sent = true;
        else this.#onError(error);
      });
    });
  }

  readonly #onMessage = (datagram: Buffer): void => {
    if (this.#settled) return;
    this.#attempt(() => {
      const verdict = this.#talk.hear(datagram);
      if (verdict !== undefined) this.#settle(verdict);
    });
  };

  readonly #onError = (error: unknown): void => {
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    this.#settle(bad(refused ? 'port unreachable' : explainFailure(error)));
  };

  readonly #onAbort = (): void => {
    this.#attempt(() => this.#settle(this.#sent ? this.#talk.timedOut() : bad('timed out sending')));
  };

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#settle(bad(error instanceof CheckFailure ? oneLine(error.message) : explainFailure(error)));
    }
  }

  #settle(verdict: Verdict): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#resolve(verdict);
    this.#socket?.close();
  }
}

/** Made by system calls of our own: Node.js has no options for ICMP errors, interface and mark. */
function openSocket(target: ConnectTarget): Socket {
  const family = familyOf(target.address);
  const fd = openBoundUdpSocket(family, originOf(target));
  try {
    const socket = createSocket({ type: family === 'inet6' ? 'udp6' : 'udp4', lookup: asItIs });
    return socket.bind({ fd });
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Addresses need no look-up. */
function asItIs(
  address: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, address, address.includes(':') ? 6 : 4);
}
