import { Socket, type SocketConstructorOpts } from 'node:net';
import { addressBytes, familyOf } from '../../model/address.ts';
import { openBoundTcpSocket, type SocketOrigin } from '../../system/bound-socket.ts';
import { type ConnectTarget, obstacleTo } from './connect-target.ts';
import { CheckFailure } from './talk.ts';

/**
 * Starts a TCP connection. What goes wrong later comes as the socket's `error`; throws where the socket cannot be prepared
 * (SystemCallError: interface, mark, source address or port).
 *
 * A socket with a source, an interface or a mark is made by system calls of our own, as Node.js has no options for them, and handed over
 * before it connects; Node.js then connects, reads and closes it like any other.
 */
export function dial(target: ConnectTarget): Socket {
  const obstacle = obstacleTo(target);
  if (obstacle !== undefined) throw new CheckFailure(obstacle);
  const socket = hasOrigin(target) ? new Socket(adopted(openBound(target))) : new Socket();
  return socket.connect({ host: target.address, port: target.port });
}

/** Whether anything is asked of where packets come from. */
export function hasOrigin(target: ConnectTarget): boolean {
  return (
    target.sourceAddress !== undefined ||
    target.sourcePort !== undefined ||
    target.interface !== undefined ||
    target.mark !== undefined
  );
}

/** The origin of a target's sockets. */
export function originOf(target: ConnectTarget): SocketOrigin {
  return {
    ...(target.sourceAddress !== undefined && { address: addressBytes(target.sourceAddress) }),
    ...(target.sourcePort !== undefined && { port: target.sourcePort }),
    ...(target.interface !== undefined && { interface: target.interface }),
    ...(target.mark !== undefined && { mark: target.mark }),
  };
}

function openBound(target: ConnectTarget): number {
  return openBoundTcpSocket(familyOf(target.address), originOf(target));
}

/** `manualStart` keeps Node.js from reading at once: that fails, as the socket is not connected yet. */
function adopted(fd: number): SocketConstructorOpts & { readonly manualStart: true } {
  return { fd, readable: true, writable: true, manualStart: true };
}
