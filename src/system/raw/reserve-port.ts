import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_STREAM } from '../constants.ts';
import { bind, close, getsockname, socket } from '../libc.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from '../socket-address.ts';
import { SystemCallError } from '../system-call-error.ts';
import { integerBytes, prepared } from './socket-option.ts';

/** A port that no connection of this host uses until it is released. */
export interface ReservedPort {
  readonly port: number;
  release(): void;
}

/**
 * Takes a TCP port of an address of this host, 4 or 16 bytes, by a socket that is bound and nothing more; 0 takes any that
 * is free. Throws a SystemCallError: EADDRNOTAVAIL, EADDRINUSE and the like of `bind`.
 */
export function reserveTcpPort(address: Uint8Array, port = 0): ReservedPort {
  const family = address.length === 16 ? AF_INET6 : AF_INET;
  const into = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const fd = prepared(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0), (opened) => {
    if (bind(opened, into, writeSocketAddress(into, address, port)) < 0) throw new SystemCallError('bind');
    if (getsockname(opened, into, integerBytes(SOCKET_ADDRESS_BYTES)) < 0)
      throw new SystemCallError('getsockname');
  });
  return { port: ((into[2] ?? 0) << 8) | (into[3] ?? 0), release: () => void close(fd) };
}
