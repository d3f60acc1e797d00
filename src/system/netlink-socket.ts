import {
  AF_NETLINK,
  EAGAIN,
  EBADF,
  EINTR,
  EMSGSIZE,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_NETLINK,
  SOL_SOCKET,
} from './constants.ts';
import {
  addressOf,
  bind,
  close,
  getsockname,
  lastErrno,
  recvmmsg,
  send,
  setsockopt,
  socket,
} from './libc.ts';
import { stopWaiting, whenReadable } from './netlink-readiness.ts';
import { SystemCallError } from './system-call-error.ts';

export interface NetlinkSocketOptions {
  /** Multicast groups to hear, by number. */
  readonly groups?: readonly number[];
  /** Bytes of messages that may wait; beyond the system's limit (net.core.rmem_max) only with CAP_NET_ADMIN. */
  readonly receiveBuffer?: number;
  /** Bytes of the largest datagram that can be received; 65536 where absent. Dumps come in at most 32 KiB each. */
  readonly datagramBytes?: number;
  /** Has the kernel check the headers of dump requests, and filter by them (NETLINK_GET_STRICT_CHK). */
  readonly strictChecking?: boolean;
}

/** struct sockaddr_nl: family, padding, port, groups. */
const ADDRESS_BYTES = 12;
/** struct mmsghdr and struct iovec on 64-bit Linux. */
const HEADER_BYTES = 64;
const VECTOR_BYTES = 16;
/** Datagrams that one call takes: the acknowledgements of that many requests. */
const DATAGRAMS = 32;
/** Twice what Linux puts into one datagram of a dump (net/netlink/af_netlink.c, netlink_recvmsg). */
const DATAGRAM_BYTES = 65536;

/**
 * A non-blocking netlink(7) socket. The kernel answers a request while {@link send} runs, so that {@link receive} right
 * after it finds the answer; only who listens to groups needs {@link readable}. Every failure is a SystemCallError.
 */
export class NetlinkSocket {
  readonly #fd: number;
  readonly #inbox: Inbox;
  #closed = false;

  /** @param protocol NETLINK_ROUTE, NETLINK_GENERIC and the like */
  constructor(protocol: number, options: NetlinkSocketOptions = {}) {
    this.#inbox = new Inbox(options.datagramBytes ?? DATAGRAM_BYTES);
    this.#fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (this.#fd < 0) throw new SystemCallError('socket');
    try {
      this.#prepare(options);
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  /** The address that the kernel gave this socket (nl_pid): messages for it carry this number. */
  get portId(): number {
    const address = new Uint8Array(ADDRESS_BYTES);
    if (getsockname(this.#fd, address, new Uint8Array(Uint32Array.of(ADDRESS_BYTES).buffer)) < 0) {
      throw new SystemCallError('getsockname');
    }
    return new DataView(address.buffer).getUint32(4, true);
  }

  /** Sends one datagram of one or more messages to the kernel. */
  send(datagram: Uint8Array): void {
    if (this.#closed) throw new SystemCallError('send', EBADF);
    while (send(this.#fd, datagram, datagram.length, 0) < 0) {
      if (lastErrno() !== EINTR) throw new SystemCallError('send');
    }
  }

  /**
   * What has come from the kernel since the last call: views that hold until the next call, none where nothing has come.
   * Fails with ENOBUFS where messages were lost because the buffer was full, and with EMSGSIZE after a datagram that was
   * too large and is lost with what came after it.
   */
  receive(): readonly Uint8Array[] {
    if (this.#closed) throw new SystemCallError('recvmmsg', EBADF);
    return this.#inbox.take(this.#fd);
  }

  /** Resolves when {@link receive} may find something, when the time is over, or when the socket is closed. */
  async readable(milliseconds?: number): Promise<void> {
    if (this.#closed) return;
    const readable = whenReadable(this.#fd);
    const timer = milliseconds === undefined ? undefined : setTimeout(stopWaiting, milliseconds, this.#fd);
    await readable;
    clearTimeout(timer);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    stopWaiting(this.#fd);
    close(this.#fd);
  }

  #prepare({ groups = [], receiveBuffer, strictChecking }: NetlinkSocketOptions): void {
    if (receiveBuffer !== undefined && !this.#set(SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)) {
      this.#set(SOL_SOCKET, SO_RCVBUF, receiveBuffer);
    }
    // What an old kernel does not know it does without: errors then lack their text, or repeat the request.
    this.#set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
    this.#set(SOL_NETLINK, NETLINK_CAP_ACK, 1);
    if (strictChecking) this.#set(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
    const address = new Uint8Array(ADDRESS_BYTES);
    new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
    if (bind(this.#fd, address, ADDRESS_BYTES) < 0) throw new SystemCallError('bind');
    for (const group of groups) {
      if (!this.#set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)) throw new SystemCallError('setsockopt');
    }
  }

  #set(level: number, option: number, value: number): boolean {
    return setsockopt(this.#fd, level, option, new Uint8Array(Int32Array.of(value).buffer), 4) === 0;
  }
}

/** Buffers for several datagrams at once (recvmmsg(2)). They are mapped, and take memory only as far as they are filled. */
class Inbox {
  readonly #headers = new Uint8Array(new ArrayBuffer(DATAGRAMS * HEADER_BYTES));
  readonly #headerView = new DataView(this.#headers.buffer);
  readonly #vectors = new Uint8Array(new ArrayBuffer(DATAGRAMS * VECTOR_BYTES));
  readonly #addresses = new Uint8Array(new ArrayBuffer(DATAGRAMS * 16));
  readonly #addressView = new DataView(this.#addresses.buffer);
  readonly #datagramBytes: number;
  readonly #data: Uint8Array;
  #truncated = false;

  constructor(datagramBytes: number) {
    this.#datagramBytes = datagramBytes;
    this.#data = new Uint8Array(new ArrayBuffer(DATAGRAMS * datagramBytes));
    const vectors = new DataView(this.#vectors.buffer);
    for (let index = 0; index < DATAGRAMS; index++) {
      // msg_name, msg_namelen, msg_iov, msg_iovlen of a struct msghdr; iov_base, iov_len of its struct iovec.
      const header = index * HEADER_BYTES;
      this.#headerView.setBigUint64(header, addressOf(this.#addresses) + BigInt(index * 16), true);
      this.#headerView.setUint32(header + 8, ADDRESS_BYTES, true);
      this.#headerView.setBigUint64(
        header + 16,
        addressOf(this.#vectors) + BigInt(index * VECTOR_BYTES),
        true,
      );
      this.#headerView.setBigUint64(header + 24, 1n, true);
      const data = addressOf(this.#data) + BigInt(index * datagramBytes);
      vectors.setBigUint64(index * VECTOR_BYTES, data, true);
      vectors.setBigUint64(index * VECTOR_BYTES + 8, BigInt(datagramBytes), true);
    }
  }

  /** None only where nothing is there. */
  take(fd: number): Uint8Array[] {
    for (;;) {
      if (this.#truncated) {
        this.#truncated = false;
        throw new SystemCallError('recvmmsg', EMSGSIZE);
      }
      const count = recvmmsg(fd, this.#headers, DATAGRAMS, MSG_DONTWAIT, null);
      if (count < 0) {
        const errno = lastErrno();
        if (errno === EAGAIN || errno === EINTR) return [];
        throw new SystemCallError('recvmmsg', errno);
      }
      const datagrams = this.#fromKernel(count);
      if (datagrams.length > 0) return datagrams;
    }
  }

  #fromKernel(count: number): Uint8Array[] {
    const datagrams: Uint8Array[] = [];
    for (let index = 0; index < count; index++) {
      // Other processes may write to this socket; the kernel's port is 0.
      if (this.#addressView.getUint32(index * 16 + 4, true) !== 0) continue;
      const header = index * HEADER_BYTES;
      if ((this.#headerView.getInt32(header + 48, true) & MSG_TRUNC) !== 0) {
        this.#truncated = true;
        break;
      }
      const start = index * this.#datagramBytes;
      datagrams.push(this.#data.subarray(start, start + this.#headerView.getUint32(header + 56, true)));
    }
    return datagrams;
  }
}
