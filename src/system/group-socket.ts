import { AF_INET, AF_INET6, SO_BINDTODEVICE, SO_REUSEADDR, SOL_SOCKET } from './constants.ts';
import { bind } from './libc.ts';
import { integerBytes, prepared, setOption } from './raw/socket-option.ts';
import { openUdpSocket } from './socket.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from './socket-address.ts';
import { SystemCallError } from './system-call-error.ts';

/**
 * A non-blocking UDP socket for datagrams to a multicast group that come by one interface: without it, a socket also hears what comes by others on
 * which any program joined the group (ip(7), IP_MULTICAST_ALL). `group` has 4 or 16 bytes; joining is left to the caller. Throws a
 * {@link SystemCallError} whose `call` is the step that failed.
 */
export function openGroupSocket(group: Uint8Array, port: number, device: string): number {
  return prepared(openUdpSocket(group.length === 16 ? AF_INET6 : AF_INET), (fd) => {
    setOption(fd, SOL_SOCKET, SO_REUSEADDR, integerBytes(1), 'SO_REUSEADDR');
    // Before the bind: a group of the link has no meaning without one (net/ipv6/datagram.c).
    setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`), 'SO_BINDTODEVICE');
    const into = new Uint8Array(SOCKET_ADDRESS_BYTES);
    if (bind(fd, into, writeSocketAddress(into, group, port)) < 0) throw new SystemCallError('bind');
  });
}
