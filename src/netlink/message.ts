import { align, type ByteRange, HOST_LITTLE_ENDIAN, rangeOf } from './byte-range.ts';
import { malformed } from './netlink-error.ts';

/** struct nlmsghdr (linux/netlink.h). */
export const MESSAGE_HEADER_BYTES = 16;

/** Types of control messages (linux/netlink.h). */
export const NLMSG_NOOP = 1;
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;

/** Flags of any message (linux/netlink.h). */
export const NLM_F_REQUEST = 0x01;
/** Part of an answer that ends with NLMSG_DONE. */
export const NLM_F_MULTI = 0x02;
export const NLM_F_ACK = 0x04;
/** The table changed while it was dumped. */
export const NLM_F_DUMP_INTR = 0x10;
/** Flags of requests that get. */
export const NLM_F_DUMP = 0x300;
/** Flags of requests that add. */
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;
/** Flags of acknowledgements: the request is not repeated; attributes follow. */
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

/** One message of a datagram. Its payload holds until the next datagram is received. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  /** The number of the request that it answers; 0 for notifications. */
  readonly sequence: number;
  /** The port of the socket that it is for. */
  readonly portId: number;
  readonly payload: ByteRange;
}

/** The messages of a datagram in their order; throws a NetlinkError of kind `malformed` where they do not fill it exactly. */
export function decodeMessages(datagram: Uint8Array): NetlinkMessage[] {
  const { view, end } = rangeOf(datagram);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at < end; ) {
    if (end - at < MESSAGE_HEADER_BYTES) throw malformed(`${end - at} bytes where a message is expected`);
    const length = view.getUint32(at, HOST_LITTLE_ENDIAN);
    if (length < MESSAGE_HEADER_BYTES || length > end - at) {
      throw malformed(`a message of ${length} bytes where ${end - at} are left`);
    }
    messages.push({
      type: view.getUint16(at + 4, HOST_LITTLE_ENDIAN),
      flags: view.getUint16(at + 6, HOST_LITTLE_ENDIAN),
      sequence: view.getUint32(at + 8, HOST_LITTLE_ENDIAN),
      portId: view.getUint32(at + 12, HOST_LITTLE_ENDIAN),
      payload: { view, start: at + MESSAGE_HEADER_BYTES, end: at + length },
    });
    at += align(length);
  }
  return messages;
}
