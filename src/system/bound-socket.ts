import {
  AF_INET,
  AF_INET6,
  IP_BIND_ADDRESS_NO_PORT,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  SO_LINGER,
  SO_REUSEADDR,
  SOL_SOCKET,
} from './constants.ts';
import { bind } from './libc.ts';
import {
  applyPacketOrigin,
  integerBytes,
  type PacketOrigin,
  prepared,
  setOption,
} from './raw/socket-option.ts';
import { openTcpSocket, openUdpSocket } from './socket.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from './socket-address.ts';
import { SystemCallError } from './system-call-error.ts';

/** Where the packets of a socket come from, and by which way they leave. What is absent is the system's choice. */
export interface SocketOrigin extends PacketOrigin {
  /** 1 to 65535. */
  readonly port?: number;
}

/**
 * A non-blocking TCP socket to connect with. One with a port of its own ends by RST: in TIME_WAIT the port could not be used for
 * the same peer again for a minute. Throws {@link SystemCallError}, whose `call` is the step that failed: `SO_MARK`, say.
 */
export function openBoundTcpSocket(family: 'inet' | 'inet6', origin: SocketOrigin): number {
  return prepared(openTcpSocket(family === 'inet6' ? AF_INET6 : AF_INET), (fd) => {
    if (origin.port !== undefined) {
      setOption(fd, SOL_SOCKET, SO_REUSEADDR, ON, 'SO_REUSEADDR');
      setOption(fd, SOL_SOCKET, SO_LINGER, LINGER_0, 'SO_LINGER');
    }
    applyWay(fd, origin);
    if (origin.address === undefined && origin.port === undefined) return;
    // Otherwise bind(2) takes a port that no other socket of the address may have, and they run out with many peers (ip(7)).
    if (origin.port === undefined)
      setOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, ON, 'IP_BIND_ADDRESS_NO_PORT');
    bindTo(fd, family, origin);
  });
}

/**
 * A non-blocking UDP socket, which hears also of ICMP errors that are not final, such as an unreachable host (IP_RECVERR, ip(7)).
 *
 * It has its port before Node.js gets it: libuv sets SO_REUSEADDR on what it is given (uv_udp_open), with which Linux may choose a
 * port that another such socket has, and of two with the same peer only one would hear it.
 */
export function openBoundUdpSocket(family: 'inet' | 'inet6', origin: SocketOrigin): number {
  return prepared(openUdpSocket(family === 'inet6' ? AF_INET6 : AF_INET), (fd) => {
    if (family === 'inet6') setOption(fd, IPPROTO_IPV6, IPV6_RECVERR, ON, 'IPV6_RECVERR');
    else setOption(fd, IPPROTO_IP, IP_RECVERR, ON, 'IP_RECVERR');
    applyWay(fd, origin);
    bindTo(fd, family, origin);
  });
}

const ON = integerBytes(1);
/** struct linger: on, 0 seconds. */
const LINGER_0 = new Uint8Array(Int32Array.of(1, 0).buffer);

function applyWay(fd: number, { address: _, ...way }: SocketOrigin): void {
  applyPacketOrigin(fd, way);
}

function bindTo(fd: number, family: 'inet' | 'inet6', { address, port = 0 }: SocketOrigin): void {
  const into = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const length = writeSocketAddress(into, address ?? new Uint8Array(family === 'inet6' ? 16 : 4), port);
  if (bind(fd, into, length) < 0) throw new SystemCallError('bind');
}
