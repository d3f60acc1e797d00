import {
  AF_INET,
  AF_INET6,
  EFD_CLOEXEC,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  O_CLOEXEC,
  SO_ERROR,
  SO_LINGER,
  SO_OOBINLINE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
} from './constants.ts';
import { bind, close, dup3, eventfd, getsockopt, listen, setsockopt, socket } from './libc.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from './socket-address.ts';
import { SystemCallError } from './system-call-error.ts';

const ON = new Uint8Array(Int32Array.of(1).buffer);
/** struct linger: on, 0 seconds. */
const LINGER_0 = new Uint8Array(Int32Array.of(1, 0).buffer);
const integer = new Uint8Array(4);
const integerView = new DataView(integer.buffer);
const integerLength = new Uint8Array(Uint32Array.of(4).buffer);

/** Bytes of datagrams that may wait for a UDP service; Linux caps it at net.core.rmem_max. */
const UDP_RECEIVE_BUFFER = 4 * 1024 * 1024;

/** A non-blocking TCP socket that listens on the address (4 or 16 bytes). Accepted ones are as {@link setTransparent} says. */
export function openTcpListener(address: Uint8Array, port: number, backlog: number): number {
  const fd = openSocket(address.length === 16 ? AF_INET6 : AF_INET, SOCK_STREAM);
  return closingOnFailure(fd, () => {
    setFlag(fd, SOL_SOCKET, SO_REUSEADDR);
    setTransparent(fd);
    bindTo(fd, address, port);
    if (listen(fd, backlog) < 0) throw new SystemCallError('listen');
  });
}

/**
 * One non-blocking UDP socket for each of `count` threads, all bound to the address: the system gives every client's
 * datagrams to the same one (SO_REUSEPORT, socket(7)).
 */
export function openUdpListeners(address: Uint8Array, port: number, count: number): number[] {
  const family = address.length === 16 ? AF_INET6 : AF_INET;
  // SO_REUSEPORT would join another process's sockets in silence: a plain bind first shows whether the port is free.
  const probe = openSocket(family, SOCK_DGRAM);
  try {
    bindTo(probe, address, port);
  } finally {
    close(probe);
  }
  const sockets: number[] = [];
  try {
    for (let index = 0; index < count; index++) {
      const fd = openSocket(family, SOCK_DGRAM);
      sockets.push(fd);
      setFlag(fd, SOL_SOCKET, SO_REUSEPORT);
      integerView.setInt32(0, UDP_RECEIVE_BUFFER, true);
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, integer, 4);
      bindTo(fd, address, port);
    }
    return sockets;
  } catch (error) {
    for (const fd of sockets) close(fd);
    throw error;
  }
}

/** A non-blocking socket that is not yet connected. */
export function openTcpSocket(family: number): number {
  return openSocket(family, SOCK_STREAM);
}

export function openUdpSocket(family: number): number {
  return openSocket(family, SOCK_DGRAM);
}

/**
 * Makes a TCP socket pass bytes on as they come: none wait for more (TCP_NODELAY), and urgent ones are read in their place
 * (SO_OOBINLINE). Sockets that a listener accepts inherit it.
 */
export function setTransparent(fd: number): void {
  setFlag(fd, IPPROTO_TCP, TCP_NODELAY);
  setFlag(fd, SOL_SOCKET, SO_OOBINLINE);
}

/**
 * Frees the address of a socket at once, although another thread still uses the descriptor: calls on it fail from now on, and
 * closing it stays that thread's. Where there is no descriptor to spare, the address is free when that thread closes it.
 */
export function freeAddress(fd: number): void {
  const nothing = eventfd(0, EFD_CLOEXEC);
  if (nothing < 0) return;
  dup3(nothing, fd, O_CLOEXEC);
  close(nothing);
}

/** Closes with RST instead of FIN, dropping what is unsent. */
export function resetAndClose(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER_0, 8);
  close(fd);
}

/** The pending error of a socket (SO_ERROR), as an errno; 0 for none. Asking clears it. */
export function takeSocketError(fd: number): number {
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, integer, integerLength) < 0)
    return new SystemCallError('getsockopt').errno;
  return integerView.getInt32(0, true);
}

function openSocket(family: number, type: number): number {
  const fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new SystemCallError('socket');
  return fd;
}

function setFlag(fd: number, level: number, option: number): void {
  if (setsockopt(fd, level, option, ON, 4) < 0) throw new SystemCallError('setsockopt');
}

function bindTo(fd: number, address: Uint8Array, port: number): void {
  if (address.length === 16) setFlag(fd, IPPROTO_IPV6, IPV6_V6ONLY);
  const into = new Uint8Array(SOCKET_ADDRESS_BYTES);
  if (bind(fd, into, writeSocketAddress(into, address, port)) < 0) throw new SystemCallError('bind');
}

function closingOnFailure(fd: number, prepare: () => void): number {
  try {
    prepare();
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
