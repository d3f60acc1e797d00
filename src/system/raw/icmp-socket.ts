import {
  AF_INET,
  AF_INET6,
  EACCES,
  EAGAIN,
  EBADF,
  EINTR,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
} from '../constants.ts';
import { close, lastErrno, recvfrom, sendto, socket } from '../libc.ts';
import { stopWaiting, whenReadable } from '../netlink-readiness.ts';
import { takeSocketError } from '../socket.ts';
import { SOCKET_ADDRESS_BYTES, writeSocketAddress } from '../socket-address.ts';
import { SystemCallError } from '../system-call-error.ts';
import {
  ICMP_FILTER,
  ICMPV6_FILTER,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  SOL_ICMPV6,
  SOL_RAW,
} from './constants.ts';
import { type QueuedError, takeQueuedError } from './error-queue.ts';
import { applyPacketOrigin, integerBytes, type PacketOrigin, prepared, setOption } from './socket-option.ts';

/** An ICMP message that came. */
export interface IcmpMessage {
  /** Who sent it: 4 or 16 bytes. */
  readonly from: Uint8Array;
  /** From its type on. */
  readonly bytes: Uint8Array;
}

/** Types of an echo and its reply (RFC 792, RFC 4443). */
export const ECHO = { inet: { request: 8, reply: 0 }, inet6: { request: 128, reply: 129 } } as const;

const MESSAGE_BYTES = 2048;

/**
 * A non-blocking socket for ICMP echoes: one that asks for no privileges but a group in net.ipv4.ping_group_range
 * (icmp(7)), or where that is missing a raw one, for CAP_NET_RAW. Failures are SystemCallErrors; EACCES or EPERM of
 * `socket` where neither is allowed.
 */
export class IcmpSocket {
  readonly family: 'inet' | 'inet6';
  /**
   * Whether it is a raw socket. To one of the others the kernel gives only replies to its own echoes, which get its
   * identifier and their checksums from the kernel. A raw one receives every reply that reaches the host, and for IPv4
   * makes no checksums.
   */
  readonly raw: boolean;
  readonly #fd: number;
  readonly #into = new Uint8Array(new ArrayBuffer(MESSAGE_BYTES));
  #closed = false;

  constructor(family: 'inet' | 'inet6', origin: PacketOrigin = {}) {
    this.family = family;
    const datagram = openIcmp(family, SOCK_DGRAM);
    this.raw = datagram < 0 && lastErrno() === EACCES;
    this.#fd = prepared(this.raw ? openIcmp(family, SOCK_RAW) : datagram, (fd) => {
      if (family === 'inet6') setOption(fd, IPPROTO_IPV6, IPV6_RECVERR, integerBytes(1), 'IPV6_RECVERR');
      else setOption(fd, IPPROTO_IP, IP_RECVERR, integerBytes(1), 'IP_RECVERR');
      if (this.raw) passOnlyReplies(fd, family);
      applyPacketOrigin(fd, origin);
    });
  }

  /** Sends an ICMP message to an address of 4 or 16 bytes. */
  send(to: Uint8Array, message: Uint8Array): void {
    if (this.#closed) throw new SystemCallError('sendto', EBADF);
    const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
    const length = writeSocketAddress(address, to, 0);
    // An error that came for an earlier message fails the next call, whatever that does; this one's own stays.
    takeSocketError(this.#fd);
    for (let attempt = 0; ; attempt++) {
      if (sendto(this.#fd, message, message.length, MSG_DONTWAIT, address, length) >= 0) return;
      if (attempt > 0 && lastErrno() !== EINTR) throw new SystemCallError('sendto');
    }
  }

  /** What has come since the last call, up to 64 messages. */
  receive(): readonly IcmpMessage[] {
    const messages: IcmpMessage[] = [];
    const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
    for (let call = 0; call < 64 && !this.#closed; call++) {
      const addressLength = integerBytes(SOCKET_ADDRESS_BYTES);
      const length = recvfrom(this.#fd, this.#into, MESSAGE_BYTES, MSG_DONTWAIT, address, addressLength);
      if (length < 0) {
        if (lastErrno() === EAGAIN) break;
        // The error of an earlier message: its details are in the queue.
        continue;
      }
      const from = this.family === 'inet6' ? address.slice(8, 24) : address.slice(4, 8);
      messages.push({ from, bytes: this.#into.slice(this.#headerBytes(), length) });
    }
    return messages;
  }

  /** The errors that came for what was sent, up to 64. */
  errors(): readonly QueuedError[] {
    const errors: QueuedError[] = [];
    while (errors.length < 64 && !this.#closed) {
      const error = takeQueuedError(this.#fd);
      if (error === undefined) break;
      errors.push(error);
    }
    return errors;
  }

  /** Resolves when there is something to receive, or an error, or when the socket is closed. */
  async readable(): Promise<void> {
    if (!this.#closed) await whenReadable(this.#fd);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    stopWaiting(this.#fd);
    close(this.#fd);
  }

  /** Raw sockets of IPv4, and no others, hand out the IP header, too (raw(7)). */
  #headerBytes(): number {
    return this.raw && this.family === 'inet' ? ((this.#into[0] ?? 0) & 0x0f) * 4 : 0;
  }
}

function openIcmp(family: 'inet' | 'inet6', type: number): number {
  const flags = type | SOCK_NONBLOCK | SOCK_CLOEXEC;
  return family === 'inet6' ? socket(AF_INET6, flags, IPPROTO_ICMPV6) : socket(AF_INET, flags, IPPROTO_ICMP);
}

/** The kernel drops the other types: a bit that is set keeps a type out (struct icmp_filter, struct icmp6_filter). */
function passOnlyReplies(fd: number, family: 'inet' | 'inet6'): void {
  if (family === 'inet') {
    setOption(fd, SOL_RAW, ICMP_FILTER, integerBytes(~(1 << ECHO.inet.reply) >>> 0), 'ICMP_FILTER');
    return;
  }
  const types = new Uint32Array(8).fill(0xffffffff);
  types[ECHO.inet6.reply >> 5] = ~(1 << (ECHO.inet6.reply & 31)) >>> 0;
  setOption(fd, SOL_ICMPV6, ICMPV6_FILTER, new Uint8Array(types.buffer), 'ICMPV6_FILTER');
}
