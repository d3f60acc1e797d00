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
import { addressOf, lastErrno, recvmsg } from '../libc.ts';
import { SystemCallError } from '../system-call-error.ts';
import { MSG_ERRQUEUE } from './constants.ts';

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

const DATA_BYTES = 256;
const CONTROL_BYTES = 256;
/** struct msghdr on 64-bit Linux; msg_controllen and msg_flags. */
const HEADER_BYTES = 56;
const CONTROL_LENGTH = 40;
/** struct cmsghdr: length, level, type. */
const CONTROL_HEADER_BYTES = 16;
/** struct sock_extended_err; the offender's address follows. */
const ERROR_BYTES = 16;

/**
 * Takes one error from the queue of a socket with IP_RECVERR or IPV6_RECVERR (ip(7)); undefined where there is none. Throws
 * a SystemCallError where the queue cannot be read.
 */
export function takeQueuedError(fd: number): QueuedError | undefined {
  const data = new Uint8Array(new ArrayBuffer(DATA_BYTES));
  const control = new Uint8Array(new ArrayBuffer(CONTROL_BYTES));
  const vector = BigUint64Array.of(addressOf(data), BigInt(DATA_BYTES));
  const header = new Uint8Array(new ArrayBuffer(HEADER_BYTES));
  const view = new DataView(header.buffer);
  view.setBigUint64(16, addressOf(new Uint8Array(vector.buffer)), true);
  view.setBigUint64(24, 1n, true);
  view.setBigUint64(32, addressOf(control), true);
  for (;;) {
    view.setBigUint64(CONTROL_LENGTH, BigInt(CONTROL_BYTES), true);
    const length = recvmsg(fd, header, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (length < 0) {
      const errno = lastErrno();
      if (errno === EAGAIN) return undefined;
      if (errno === EINTR) continue;
      throw new SystemCallError('recvmsg', errno);
    }
    const error = findError(control.subarray(0, Number(view.getBigUint64(CONTROL_LENGTH, true))));
    if (error !== undefined) return { ...error, payload: data.slice(0, length) };
  }
}

function findError(control: Uint8Array): Omit<QueuedError, 'payload'> | undefined {
  const view = new DataView(control.buffer, control.byteOffset, control.length);
  for (let at = 0; at + CONTROL_HEADER_BYTES + ERROR_BYTES <= control.length; ) {
    const length = Number(view.getBigUint64(at, true));
    if (length < CONTROL_HEADER_BYTES || length > control.length - at) return undefined;
    const level = view.getInt32(at + 8, true);
    const type = view.getInt32(at + 12, true);
    const isError =
      (level === IPPROTO_IP && type === IP_RECVERR) || (level === IPPROTO_IPV6 && type === IPV6_RECVERR);
    if (isError && length >= CONTROL_HEADER_BYTES + ERROR_BYTES) {
      const start = at + CONTROL_HEADER_BYTES;
      const offender = addressIn(control.subarray(start + ERROR_BYTES, at + length));
      return {
        errno: view.getUint32(start, true),
        origin: view.getUint8(start + 4),
        type: view.getUint8(start + 5),
        code: view.getUint8(start + 6),
        ...(offender === undefined ? {} : { offender }),
      };
    }
    at += (length + 7) & ~7;
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
