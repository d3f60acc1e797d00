import { EMSGSIZE, ENOBUFS } from '../system/constants.ts';
import { NetlinkSocket, type NetlinkSocketOptions } from '../system/netlink-socket.ts';
import { SystemCallError } from '../system/system-call-error.ts';
import { Exchange } from './exchange.ts';
import type { NetlinkMessage } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import type { NetlinkOutcome, NetlinkRequest } from './netlink-request.ts';
import type { NetlinkTransport } from './netlink-transport.ts';
import { NetlinkWriter } from './netlink-writer.ts';

export interface NetlinkConnectionOptions {
  /** Milliseconds that an answer may take; 5000 where absent. As a rule the kernel answers at once. */
  readonly timeout?: number;
}

/** How often a list is tried while the table keeps changing. */
const LIST_ATTEMPTS = 8;
/** Attempts to read on after a failure. */
const MOST_DRAINED = 1000;
/** How long requests may hold the event loop before others run. */
const UNINTERRUPTED_MS = 10;

/**
 * Requests and answers over one netlink socket. Any number of requests goes out in few datagrams and is answered in order.
 * Lists (dumps) are asked for one after another: the kernel runs one at a time for a socket and refuses a second with EBUSY
 * (net/netlink/af_netlink.c, __netlink_dump_start).
 *
 * Calls may overlap: each has the connection to itself in its turn.
 */
export class NetlinkConnection {
  readonly #transport: NetlinkTransport;
  readonly #timeout: number;
  readonly #writer = new NetlinkWriter();
  #sequence = Math.trunc(Math.random() * 0x7fffffff);
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** When others ran last. */
  #since = 0;

  constructor(transport: NetlinkTransport, options: NetlinkConnectionOptions = {}) {
    this.#transport = transport;
    this.#timeout = options.timeout ?? 5000;
  }

  /**
   * Connects to this machine's kernel; `protocol` is NETLINK_ROUTE, NETLINK_GENERIC and the like. Throws a NetlinkError of
   * kind `system-call` where there is no such protocol.
   */
  static open(
    protocol: number,
    options: NetlinkSocketOptions & NetlinkConnectionOptions = {},
  ): NetlinkConnection {
    return new NetlinkConnection(openNetlinkSocket(protocol, options), options);
  }

  /**
   * Carries requests out in their order; a failed one does not stop the others. The answer has one outcome for each: a
   * NetlinkError, or what the request's own functions threw.
   */
  execute(requests: readonly NetlinkRequest[]): Promise<NetlinkOutcome[]> {
    const outcomes = this.#turn.then(() => this.#execute(requests));
    this.#turn = outcomes.catch(() => undefined);
    return outcomes;
  }

  /** Carries one request out; rejects with its outcome where it failed. */
  async request(request: NetlinkRequest): Promise<void> {
    const [outcome] = await this.execute([request]);
    if (outcome !== undefined) throw outcome;
  }

  /** Carries one request out and decodes each message of its answer. */
  async get<T>(request: NetlinkRequest, decode: (message: NetlinkMessage) => T): Promise<T[]> {
    let values: T[] = [];
    await this.request({
      ...request,
      receive: (message) => {
        values.push(decode(message));
      },
      restart: () => {
        values = [];
      },
    });
    return values;
  }

  /** {@link get} for a request that asks for a list. */
  list<T>(request: NetlinkRequest, decode: (message: NetlinkMessage) => T): Promise<T[]> {
    return this.get({ ...request, dump: true }, decode);
  }

  /** Requests under way and later ones fail with a NetlinkError of kind `closed`. */
  close(): void {
    this.#closed = true;
    this.#transport.close();
  }

  async #execute(requests: readonly NetlinkRequest[]): Promise<NetlinkOutcome[]> {
    const outcomes: NetlinkOutcome[] = [];
    this.#since = performance.now();
    while (outcomes.length < requests.length) {
      outcomes.push(...(await this.#executeSome(requests, outcomes.length)));
      if (this.#isLong()) await this.#letOthersRun();
    }
    return outcomes;
  }

  /** As many of the requests from `from` on as go out at once. */
  async #executeSome(requests: readonly NetlinkRequest[], from: number): Promise<readonly NetlinkOutcome[]> {
    for (let attempt = 1; ; attempt++) {
      const exchange = this.#begin(requests, from);
      await this.#finish(exchange);
      if (!exchange.interrupted) return exchange.outcomes;
      const [request] = requests.slice(from);
      if (attempt === LIST_ATTEMPTS) return [interrupted(request)];
      request?.restart?.();
    }
  }

  #begin(requests: readonly NetlinkRequest[], from: number): Exchange {
    const exchange = new Exchange(this.#writer, this.#sequence);
    for (let at = from; at < requests.length; at++) {
      const request = requests[at];
      if (request === undefined || !exchange.take(request)) break;
    }
    this.#sequence = (this.#sequence + exchange.size) >>> 0;
    return exchange;
  }

  async #finish(exchange: Exchange): Promise<void> {
    try {
      if (this.#closed) throw closed();
      if (exchange.open > 0) this.#transport.send(exchange.seal());
      while (exchange.open > 0) {
        if (this.#closed) throw closed();
        const datagrams = this.#transport.receive();
        for (const datagram of datagrams) exchange.deliver(datagram);
        if (datagrams.length === 0) await this.#arrival();
        else if (this.#isLong()) await this.#letOthersRun();
      }
    } catch (error) {
      this.#drain(exchange);
      exchange.fail(this.#closed ? closed() : ofTransport(error));
    }
  }

  #isLong(): boolean {
    return performance.now() - this.#since > UNINTERRUPTED_MS;
  }

  async #letOthersRun(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }

  /** Reads on after a failure: other answers may be there, and the rest of a list would keep the kernel from the next. */
  #drain(exchange: Exchange): void {
    exchange.doubt();
    for (let n = 0; n < MOST_DRAINED && !this.#closed; n++) {
      try {
        const datagrams = this.#transport.receive();
        if (datagrams.length === 0) return;
        for (const datagram of datagrams) exchange.deliver(datagram);
      } catch {
        // The failure to tell is the first one.
      }
    }
  }

  async #arrival(): Promise<void> {
    const since = performance.now();
    await this.#transport.readable(this.#timeout);
    if (this.#closed) throw closed();
    if (performance.now() - since < this.#timeout) return;
    throw new NetlinkError('timeout', `no answer within ${this.#timeout} ms`);
  }
}

/** A socket whose failure to open is a NetlinkError. */
export function openNetlinkSocket(protocol: number, options: NetlinkSocketOptions): NetlinkTransport {
  try {
    return new NetlinkSocket(protocol, options);
  } catch (error) {
    throw ofTransport(error);
  }
}

/** What a transport threw, as a NetlinkError where it was a system call. */
export function ofTransport(error: unknown): unknown {
  if (!(error instanceof SystemCallError)) return error;
  const lost = error.errno === ENOBUFS || error.errno === EMSGSIZE;
  return new NetlinkError(lost && error.call !== 'send' ? 'overrun' : 'system-call', error.message, {
    errno: error.errno,
    cause: error,
  });
}

function closed(): NetlinkError {
  return new NetlinkError('closed', 'the connection is closed');
}

function interrupted(request: NetlinkRequest | undefined): NetlinkError {
  return new NetlinkError('interrupted', `the table changed during each of ${LIST_ATTEMPTS} attempts`, {
    request: request?.name,
  });
}
