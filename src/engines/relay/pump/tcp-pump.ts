import {
  AF_INET,
  AF_INET6,
  EINPROGRESS,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLPRI,
  EPOLLRDHUP,
} from '../../../system/constants.ts';
import { close, connect, getpeername, getsockname, lastErrno } from '../../../system/libc.ts';
import { openTcpSocket, resetAndClose, setTransparent, takeSocketError } from '../../../system/socket.ts';
import { SOCKET_ADDRESS_BYTES, socketAddressLength } from '../../../system/socket-address.ts';
import { SystemCallError } from '../../../system/system-call-error.ts';
import { ToBalancer } from '../channel/message.ts';
import { BufferPool } from './buffer-pool.ts';
import { proxyHeader } from './proxy-protocol.ts';
import { type PumpContext, TOKEN_TCP_CLIENT, TOKEN_TCP_SERVER } from './pump-context.ts';
import type { Stream, StreamModules } from './stream.ts';
import { TcpConnection } from './tcp-connection.ts';

const READ_AND_WRITE = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
/** After these a read that brings less than asked for may leave something behind. */
const SPECIAL = EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const READABLE = EPOLLIN | SPECIAL;

/** Buffers that a pump keeps for reuse, 32 MiB. */
const KEPT_BUFFERS = 128;

/**
 * The TCP side of a pump. It connects accepted clients to the destinations that the balancer names and relays both
 * directions until they end. What happens to a connection is reported to the balancer, which decides everything.
 */
export class TcpPump {
  readonly #context: PumpContext;
  readonly #modules: StreamModules;
  readonly #bySlot = new Map<number, TcpConnection>();
  /** By event index; free places are reused. */
  readonly #byIndex: (TcpConnection | undefined)[] = [];
  readonly #freeIndices: number[] = [];
  #ready: TcpConnection[] = [];
  /** Whose stream has its turn, and which one. */
  #advancing: TcpConnection | undefined;
  #fromClient = false;

  constructor(context: PumpContext) {
    this.#context = context;
    const buffers = new BufferPool(KEPT_BUFFERS);
    this.#modules = { buffers, reading: buffers.take(), read: (bytes) => this.#count(bytes) };
  }

  /** Whether streams wait for another turn. */
  get busy(): boolean {
    return this.#ready.length > 0;
  }

  /** Relays an accepted connection; a descriptor of -1 tries again with another destination. */
  forward(slot: number, clientFd: number, destination: number): void {
    let connection = this.#bySlot.get(slot);
    if (connection === undefined) {
      const index = this.#freeIndices.pop() ?? this.#byIndex.length;
      connection = new TcpConnection(slot, index, clientFd, destination);
      this.#bySlot.set(slot, connection);
      this.#byIndex[index] = connection;
    }
    connection.destination = destination;
    this.#connect(connection);
  }

  /** Resets both sides. */
  end(slot: number): void {
    const connection = this.#bySlot.get(slot);
    if (connection !== undefined) this.#close(connection, true);
  }

  /** Gives up on a destination that does not answer; the client waits for another. */
  abandon(slot: number, errno: number): void {
    const connection = this.#bySlot.get(slot);
    // Without a socket the refusal is on its way to the balancer already.
    if (connection === undefined || connection.toServer !== undefined || connection.serverFd < 0) return;
    this.#refuse(connection, errno);
  }

  endAll(): void {
    for (const connection of [...this.#bySlot.values()]) this.#close(connection, true);
  }

  clientEvent(index: number, events: number): void {
    const connection = this.#byIndex[index];
    if (connection?.toServer === undefined || connection.toClient === undefined) return;
    noteSpecial(connection.toServer, events);
    this.#turn(connection, (events & READABLE) !== 0, (events & EPOLLOUT) !== 0);
  }

  serverEvent(index: number, events: number): void {
    const connection = this.#byIndex[index];
    if (connection === undefined) return;
    if (connection.toClient === undefined) {
      if (connection.serverFd >= 0) this.#connectEnded(connection, events);
      return;
    }
    noteSpecial(connection.toClient, events);
    this.#turn(connection, (events & EPOLLOUT) !== 0, (events & READABLE) !== 0);
  }

  /** Gives each stream that waits its next turn. */
  round(): void {
    const ready = this.#ready;
    this.#ready = [];
    for (const connection of ready) {
      connection.queued = false;
      if (this.#bySlot.get(connection.slot) === connection) this.#turn(connection, true, true);
    }
  }

  #connect(connection: TcpConnection): void {
    const address = this.#context.destinationAddress(connection.destination);
    const length = socketAddressLength(address);
    try {
      connection.serverFd = openTcpSocket(length === 16 ? AF_INET : AF_INET6);
      setTransparent(connection.serverFd);
    } catch (error) {
      this.#refuse(connection, error instanceof SystemCallError ? error.errno : -1);
      return;
    }
    if (connect(connection.serverFd, address, length) < 0) {
      const errno = lastErrno();
      if (errno !== EINPROGRESS) {
        this.#refuse(connection, errno);
        return;
      }
    }
    this.#context.epoll.add(connection.serverFd, READ_AND_WRITE, token(connection.index, TOKEN_TCP_SERVER));
  }

  #connectEnded(connection: TcpConnection, events: number): void {
    if ((events & (EPOLLERR | EPOLLHUP)) !== 0) {
      const errno = takeSocketError(connection.serverFd);
      // An error that is gone by now was the connection's end right after its start: the streams will meet it.
      if (errno !== 0) {
        this.#refuse(connection, errno);
        return;
      }
    } else if ((events & EPOLLOUT) === 0) {
      return;
    }
    const preamble = this.#preamble(connection);
    connection.establish(preamble);
    if (connection.toClient !== undefined) noteSpecial(connection.toClient, events);
    this.#context.balancer.push(ToBalancer.connected, connection.slot);
    this.#context.epoll.add(connection.clientFd, READ_AND_WRITE, token(connection.index, TOKEN_TCP_CLIENT));
    this.#turn(connection, preamble !== undefined, (events & READABLE) !== 0);
  }

  #preamble(connection: TcpConnection): Uint8Array | undefined {
    if (!this.#context.wantsProxyHeader(connection.destination)) return undefined;
    const client = new Uint8Array(SOCKET_ADDRESS_BYTES);
    const virtual = new Uint8Array(SOCKET_ADDRESS_BYTES);
    getpeername(connection.clientFd, client, room());
    getsockname(connection.clientFd, virtual, room());
    return proxyHeader('tcp', client, virtual);
  }

  /** The destination did not accept: its socket goes, the client's waits for the balancer's word. */
  #refuse(connection: TcpConnection, errno: number): void {
    if (connection.serverFd >= 0) close(connection.serverFd);
    connection.serverFd = -1;
    this.#context.balancer.push(ToBalancer.refused, connection.slot, errno);
  }

  /** Advances the directions that an event concerns. */
  #turn(connection: TcpConnection, clientToServer: boolean, serverToClient: boolean): void {
    const { toServer, toClient } = connection;
    if (toServer === undefined || toClient === undefined) return;
    const up = clientToServer ? this.#advance(connection, toServer, true) : 'idle';
    const down = serverToClient || up === 'broken' ? this.#advance(connection, toClient, false) : 'idle';
    if (up === 'failed' || up === 'broken' || down === 'failed' || down === 'broken') {
      this.#close(connection, true);
    } else if (toServer.finished && toClient.finished) {
      this.#close(connection, false);
    } else if ((up === 'more' || down === 'more') && !connection.queued) {
      connection.queued = true;
      this.#ready.push(connection);
    }
  }

  #advance(connection: TcpConnection, stream: Stream, fromClient: boolean): ReturnType<Stream['advance']> {
    const wasFinished = stream.finished;
    this.#advancing = connection;
    this.#fromClient = fromClient;
    const state = stream.advance(this.#modules);
    if (stream.finished && !wasFinished) {
      this.#context.balancer.push(
        fromClient ? ToBalancer.clientFinished : ToBalancer.serverFinished,
        connection.slot,
      );
    }
    return state;
  }

  /** Counts a read of the stream that advances. */
  #count(bytes: number): void {
    const connection = this.#advancing;
    if (connection === undefined) return;
    if (this.#fromClient) this.#context.countIn(connection.slot, connection.destination, 1, bytes);
    else this.#context.countOut(connection.slot, connection.destination, 1, bytes);
  }

  #close(connection: TcpConnection, reset: boolean): void {
    if (reset) {
      resetAndClose(connection.clientFd);
      if (connection.serverFd >= 0) resetAndClose(connection.serverFd);
    } else {
      close(connection.clientFd);
      close(connection.serverFd);
    }
    connection.release(this.#modules);
    this.#bySlot.delete(connection.slot);
    this.#byIndex[connection.index] = undefined;
    this.#freeIndices.push(connection.index);
    this.#context.balancer.push(ToBalancer.ended, connection.slot, reset ? 1 : 0);
  }
}

/** Tells a stream what its source's events say besides that there are bytes. */
function noteSpecial(stream: Stream, events: number): void {
  if ((events & SPECIAL) !== 0) stream.readOn = true;
  if ((events & EPOLLERR) !== 0) stream.failing = true;
}

function token(index: number, owner: number): number {
  return index * 4 + owner;
}

/** A socklen_t that says how much room an address has. */
function room(): Uint8Array {
  return new Uint8Array(Uint32Array.of(SOCKET_ADDRESS_BYTES).buffer);
}
