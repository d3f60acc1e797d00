import {
  EAGAIN,
  EBADF,
  EINTR,
  MSG_DONTWAIT,
  SO_MARK,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '../constants.ts';
import { bind, close, lastErrno, recvfrom, sendto, socket } from '../libc.ts';
import { stopWaiting, whenReadable } from '../netlink-readiness.ts';
import { SystemCallError } from '../system-call-error.ts';
import { AF_PACKET, ETH_P_ALL, PACKET_IGNORE_OUTGOING, PACKET_OUTGOING, SOL_PACKET } from './constants.ts';
import { attachFilter } from './socket-filter.ts';
import { integerBytes, prepared, setOption } from './socket-option.ts';

/** Where a packet leaves: an interface, and who takes it there. */
export interface LinkTarget {
  /** Index of the interface. */
  readonly index: number;
  /** ETH_P_ number. */
  readonly protocol: number;
  /** The neighbour's link-layer address, at most 8 bytes; empty on links that have none. */
  readonly linkLayerAddress: Uint8Array;
}

/** struct sockaddr_ll: family, protocol in network order, index, hardware, packet type, length of the address, address. */
export const LINK_ADDRESS_BYTES = 20;
const PACKET_BYTES = 65536;
/** Packets that one {@link PacketSocket.receive} takes. */
const MOST_PACKETS = 64;

/**
 * A non-blocking packet(7) socket for packets from their network header on: the kernel makes the link's header and takes it
 * away. What it receives it gets before the kernel's own IP, firewall and routing see it. Needs CAP_NET_RAW; failures are
 * SystemCallErrors.
 */
export class PacketSocket {
  readonly #fd: number;
  readonly #into = new Uint8Array(new ArrayBuffer(PACKET_BYTES));
  #closed = false;

  /**
   * @param filter which incoming packets it receives, of all interfaces: instructions of classic BPF (struct sock_filter,
   * linux/filter.h), to which packets begin at the network header, too
   */
  constructor(filter: Uint8Array, mark?: number) {
    // Protocol 0 receives nothing: the filter is there before the first packet.
    const fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    this.#fd = prepared(fd, () => {
      attachFilter(fd, filter);
      setOption(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, integerBytes(1), 'PACKET_IGNORE_OUTGOING');
      if (mark !== undefined) setOption(fd, SOL_SOCKET, SO_MARK, integerBytes(mark), 'SO_MARK');
      const every = { index: 0, protocol: ETH_P_ALL, linkLayerAddress: new Uint8Array() };
      if (bind(fd, linkAddress(every), LINK_ADDRESS_BYTES) < 0) throw new SystemCallError('bind');
    });
  }

  send(to: LinkTarget, packet: Uint8Array): void {
    if (this.#closed) throw new SystemCallError('sendto', EBADF);
    while (sendto(this.#fd, packet, packet.length, MSG_DONTWAIT, linkAddress(to), LINK_ADDRESS_BYTES) < 0) {
      if (lastErrno() !== EINTR) throw new SystemCallError('sendto');
    }
  }

  /** What has come since the last call, each packet from its network header on. */
  receive(): readonly Uint8Array[] {
    const packets: Uint8Array[] = [];
    const address = new Uint8Array(LINK_ADDRESS_BYTES);
    while (packets.length < MOST_PACKETS && !this.#closed) {
      const addressLength = integerBytes(LINK_ADDRESS_BYTES);
      const length = recvfrom(this.#fd, this.#into, PACKET_BYTES, MSG_DONTWAIT, address, addressLength);
      if (length < 0) {
        if (lastErrno() === EAGAIN) break;
        if (lastErrno() === EINTR) continue;
        throw new SystemCallError('recvfrom');
      }
      if (address[10] !== PACKET_OUTGOING) packets.push(this.#into.slice(0, length));
    }
    return packets;
  }

  /** Resolves when there is something to receive, or when the socket is closed. */
  async readable(): Promise<void> {
    if (!this.#closed) await whenReadable(this.#fd);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    stopWaiting(this.#fd);
    close(this.#fd);
  }
}

/** As sendto(2) and bind(2) take it. */
export function linkAddress({ index, protocol, linkLayerAddress }: LinkTarget): Uint8Array {
  const address = new Uint8Array(LINK_ADDRESS_BYTES);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol);
  view.setInt32(4, index, true);
  view.setUint8(11, linkLayerAddress.length);
  address.set(linkLayerAddress, 12);
  return address;
}
