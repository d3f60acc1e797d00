import { Stream, type StreamModules } from './stream.ts';

/** A relayed TCP connection: the accepted socket, the one to the destination, and a stream for each direction. */
export class TcpConnection {
  readonly slot: number;
  /** Where the pump finds it by the token of an event. */
  readonly index: number;
  readonly clientFd: number;
  destination: number;
  serverFd = -1;
  /** Undefined until the destination accepted. */
  toServer: Stream | undefined;
  toClient: Stream | undefined;
  /** Whether a stream has work left and waits for its next turn. */
  queued = false;

  constructor(slot: number, index: number, clientFd: number, destination: number) {
    this.slot = slot;
    this.index = index;
    this.clientFd = clientFd;
    this.destination = destination;
  }

  /** The destination accepted: bytes may flow, `preamble` first. */
  establish(preamble: Uint8Array | undefined): void {
    this.toServer = new Stream(this.clientFd, this.serverFd);
    this.toClient = new Stream(this.serverFd, this.clientFd);
    if (preamble !== undefined) this.toServer.prepend(preamble);
  }

  release(modules: StreamModules): void {
    this.toServer?.release(modules);
    this.toClient?.release(modules);
  }
}
