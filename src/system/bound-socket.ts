import {
  AF_INET,
  AF_INET6,
  IP_BIND_ADDRESS_NO_PORT,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  SO_BINDTODEVICE,
  SO_LINGER,
  SO_MARK,
  SO_REUSEADDR,
  SOL_SOCKET,
} from './constants.ts';
import { bind, close, setsockopt } from './libc.ts';
import { openTcpSocket, openUdpSocket } from './socket.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from './socket-address.ts';
import { SystemCallError } from './system-call-error.ts';

/** Where the packets of a socket come from, and by which way they leave. What is absent is the system's choice. */
export interface SocketOrigin {
  /** 4 or 16 bytes, of the socket's family. */
  readonly address?: Uint8Array;
  /** 1 to 65535. */
  readonly port?: number;
  /** Name of an interface (SO_BINDTODEVICE, socket(7)). */
  readonly interface?: string;
  /** 1 to 4294967295 (SO_MARK, socket(7)); needs CAP_NET_ADMIN or CAP_NET_RAW. */
  readonly mark?: number;
}

/**
 * A non-blocking TCP socket to connect with. One with a port of its own ends by RST: in TIME_WAIT the port could not be used for
 * the same peer again for a minute. Throws {@link SystemCallError}, whose `call` is the step that failed: `SO_MARK`, say.
 */
export function openBoundTcpSocket(family: 'inet' | 'inet6', origin: SocketOrigin): number {
  const fd = openTcpSocket(family === 'inet6' ? AF_INET6 : AF_INET);
  return closingOnFailure(fd, () => {
    if (origin.port !== undefined) {
      setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1, 'SO_REUSEADDR');
      if (setsockopt(fd, SOL_SOCKET, SO_LINGER, LINGER_0, 8) < 0) throw new SystemCallError('SO_LINGER');
    }
    applyOrigin(fd, family, origin);
  });
}

/** A non-blocking UDP socket, which hears also of ICMP errors that are not final, such as an unreachable host (IP_RECVERR, ip(7)). */
export function openBoundUdpSocket(family: 'inet' | 'inet6', origin: SocketOrigin): number {
  const fd = openUdpSocket(family === 'inet6' ? AF_INET6 : AF_INET);
  return closingOnFailure(fd, () => {
    if (family === 'inet6') setOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1, 'IPV6_RECVERR');
    else setOption(fd, IPPROTO_IP, IP_RECVERR, 1, 'IP_RECVERR');
    applyOrigin(fd, family, origin);
  });
}

/** Sets interface and mark, then binds to address and port. */
function applyOrigin(fd: number, family: 'inet' | 'inet6', origin: SocketOrigin): void {
  if (origin.interface !== undefined) {
    const name = Buffer.from(`${origin.interface}\0`);
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length) < 0)
      throw new SystemCallError('SO_BINDTODEVICE');
  }
  if (origin.mark !== undefined) setOption(fd, SOL_SOCKET, SO_MARK, origin.mark, 'SO_MARK');
  if (origin.address === undefined && origin.port === undefined) return;
  // Otherwise bind(2) takes a port that no other socket of the address may have, and they run out with many peers (ip(7)).
  if (origin.port === undefined)
    setOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1, 'IP_BIND_ADDRESS_NO_PORT');
  const address = origin.address ?? new Uint8Array(family === 'inet6' ? 16 : 4);
  const into = new Uint8Array(SOCKET_ADDRESS_BYTES);
  if (bind(fd, into, writeSocketAddress(into, address, origin.port ?? 0)) < 0)
    throw new SystemCallError('bind');
}

/** struct linger: on, 0 seconds. */
const LINGER_0 = new Uint8Array(Int32Array.of(1, 0).buffer);
const integer = new Uint32Array(1);
const integerBytes = new Uint8Array(integer.buffer);

function setOption(fd: number, level: number, option: number, value: number, name: string): void {
  integer[0] = value;
  if (setsockopt(fd, level, option, integerBytes, 4) < 0) throw new SystemCallError(name);
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
