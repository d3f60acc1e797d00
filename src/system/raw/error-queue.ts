import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  EINTR,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_DONTWAIT,
} from '../constants.ts';
import { lastErrno } from '../libc.ts';
import { SystemCallError } from '../system-call-error.ts';
import { MSG_ERRQUEUE } from './constants.ts';
import { type ControlMessage, MessageBuffers } from './message-buffers.ts';

/** An error that came for a packet of a socket (struct sock_extended_err, linux/errqueue.h). */
export interface QueuedError {
  readonly errno: number;
  /** SO_EE_ORIGIN_ number: this system, ICMP or ICMPv6. */
  readonly origin: number;
  /** Of the ICMP message; 0 for errors of this system. */
  readonly type: number;
  readonly code: number;
  /** Who sent the message, 4 or 16 bytes, where that is known. */
  readonly offender?: Uint8Array;
  /** The beginning of the packet's payload, as far as it was quoted. */
  readonly payload: Uint8Array;
}

/** struct sock_extended_err; the offender's address follows. */
const ERROR_BYTES = 16;

/** Of this thread, in which nothing comes between a call and the reading of what it wrote. */
const INTO = new MessageBuffers(256, 256);

/**
 * Takes one error from the queue of a socket with IP_RECVERR or IPV6_RECVERR (ip(7)); undefined where there is none. Throws
 * a SystemCallError where the queue cannot be read.
 */
export function takeQueuedError(fd: number): QueuedError | undefined {
  for (;;) {
    const length = INTO.receive(fd, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (length < 0) {
      const errno = lastErrno();
      if (errno === EAGAIN) return undefined;
      if (errno === EINTR) continue;
      throw new SystemCallError('recvmsg', errno);
    }
    const error = findError(INTO.controls());
    if (error !== undefined) return { ...error, payload: INTO.data.slice(0, length) };
  }
}

function findError(controls: Iterable<ControlMessage>): Omit<QueuedError, 'payload'> | undefined {
  for (const { level, type, data } of controls) {
    const isError =
      (level === IPPROTO_IP && type === IP_RECVERR) || (level === IPPROTO_IPV6 && type === IPV6_RECVERR);
    if (!isError || data.length < ERROR_BYTES) continue;
    const view = new DataView(data.buffer, data.byteOffset);
    const offender = addressIn(data.subarray(ERROR_BYTES));
    return {
      errno: view.getUint32(0, true),
      origin: view.getUint8(4),
      type: view.getUint8(5),
      code: view.getUint8(6),
      ...(offender === undefined ? {} : { offender }),
    };
  }
  return undefined;
}

/** The address of a struct sockaddr_in or sockaddr_in6; undefined for AF_UNSPEC. */
function addressIn(socketAddress: Uint8Array): Uint8Array | undefined {
  const family = (socketAddress[0] ?? 0) | ((socketAddress[1] ?? 0) << 8);
  if (family === AF_INET && socketAddress.length >= 8) return socketAddress.slice(4, 8);
  if (family === AF_INET6 && socketAddress.length >= 24) return socketAddress.slice(8, 24);
  return undefined;
}
