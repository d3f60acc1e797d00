import type { Duplex } from 'node:stream';
import type { IpAddress } from '../../model/address.ts';
import type { HostAddress } from './host-address.ts';

/** Where a daemon sends and listens. */
export interface SyncWay {
  readonly interface: string;
  /** That the interface has. */
  readonly address: IpAddress;
  readonly group: IpAddress;
  readonly port: number;
  /** 1 to 255. */
  readonly ttl: number;
  /** Size of the socket's buffer in bytes; 0 for the system's. */
  readonly socketBytes: number;
}

export interface Closable {
  /** More than once does no harm. */
  close(): void;
}

export interface DatagramSender extends Closable {
  /** To the group; `done` is told what the system says of it, later. */
  send(datagram: Uint8Array, done: (error: Error | null) => void): void;
}

/** `failed` is told once, when nothing works any more; what was opened is to be closed then as well. */
export type Failed = (error: Error) => void;

/** The sockets of a host. */
export interface SyncNetwork {
  addresses(): readonly HostAddress[];
  openSender(way: SyncWay, failed: Failed): Promise<DatagramSender>;
  /** Hears what comes to the group by that interface, and nothing else. */
  openReceiver(
    way: SyncWay,
    heard: (datagram: Uint8Array, source: IpAddress) => void,
    failed: Failed,
  ): Promise<Closable>;
  /** Takes TCP connections to the way's address and port. Errors of a stream come as its `error` event. */
  listen(way: SyncWay, accept: (stream: Duplex, peer: IpAddress) => void, failed: Failed): Promise<Closable>;
  /** A TCP connection from an address of an interface, which may still be about to open. */
  connect(from: Pick<SyncWay, 'interface' | 'address'>, to: { address: IpAddress; port: number }): Duplex;
}
