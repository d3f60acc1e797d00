import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  EBADF,
  EINTR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  MSG_DONTWAIT,
  SO_BINDTODEVICE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from '../constants.ts';
import { bind, close, lastErrno, sendto, socket } from '../libc.ts';
import { stopWaiting, whenReadable } from '../netlink-readiness.ts';
import { SOCKET_ADDRESS_BYTES, socketAddressBytes, writeSocketAddress } from '../socket-address.ts';
import { SystemCallError } from '../system-call-error.ts';
import {
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_ALL,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TOS,
  IP_TTL,
  IPV6_HOPLIMIT,
  IPV6_JOIN_GROUP,
  IPV6_MULTICAST_ALL,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_PKTINFO,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_TCLASS,
  IPV6_UNICAST_HOPS,
} from './constants.ts';
import { type ControlMessage, MessageBuffers } from './message-buffers.ts';
import { attachFilter, fromEthernetFilter, NOTHING_FILTER } from './socket-filter.ts';
import { integerBytes, prepared, setOption } from './socket-option.ts';

export interface RawIpSocketOptions {
  readonly family: 'inet' | 'inet6';
  /** IP protocol number. */
  readonly protocol: number;
  /** Name and index of the one interface that packets come in and leave by. */
  readonly interface: string;
  readonly index: number;
  /** TTL or hop limit of what it sends, 1 to 255. */
  readonly hopLimit: number;
  /** DSCP and ECN of what it sends; 0 where absent. */
  readonly trafficClass?: number;
  /** 4 or 16 bytes: where packets come from. A socket with a source receives nothing. */
  readonly source?: Uint8Array;
  /** Multicast groups that it belongs to, 4 or 16 bytes each. */
  readonly groups?: readonly Uint8Array[];
  /** 6 bytes: it receives only what came in an Ethernet frame from there. */
  readonly ethernetSource?: Uint8Array;
}

/** A packet that came. */
export interface RawIpPacket {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly hopLimit: number;
  /** What is behind the IP header and its options. */
  readonly payload: Uint8Array;
}

const PACKET_BYTES = 65_536;
const CONTROL_BYTES = 128;
/** Packets that one {@link RawIpSocket.receive} takes. */
const MOST_PACKETS = 64;

/**
 * A non-blocking raw(7) socket of one protocol on one interface. It does not hear itself. Needs CAP_NET_RAW; failures are SystemCallErrors
 * whose `call` is the step.
 */
export class RawIpSocket {
  readonly #fd: number;
  readonly #family: 'inet' | 'inet6';
  readonly #into = new MessageBuffers(PACKET_BYTES, CONTROL_BYTES);
  #closed = false;

  constructor(options: RawIpSocketOptions) {
    this.#family = options.family;
    const domain = options.family === 'inet' ? AF_INET : AF_INET6;
    const fd = socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, options.protocol);
    this.#fd = prepared(fd, () => prepare(fd, options));
  }

  /** `to`: 4 or 16 bytes. */
  send(to: Uint8Array, payload: Uint8Array): void {
    if (this.#closed) throw new SystemCallError('sendto', EBADF);
    const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
    const length = writeSocketAddress(address, to, 0);
    while (sendto(this.#fd, payload, payload.length, MSG_DONTWAIT, address, length) < 0) {
      if (lastErrno() !== EINTR) throw new SystemCallError('sendto');
    }
  }

  /** What has come since the last call. */
  receive(): readonly RawIpPacket[] {
    const packets: RawIpPacket[] = [];
    while (packets.length < MOST_PACKETS && !this.#closed) {
      const packet = this.#receiveOne();
      if (packet === 'none') break;
      if (packet !== undefined) packets.push(packet);
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

  #receiveOne(): RawIpPacket | 'none' | undefined {
    const length = this.#into.receive(this.#fd, MSG_DONTWAIT);
    if (length < 0) {
      if (lastErrno() === EAGAIN) return 'none';
      if (lastErrno() === EINTR) return undefined;
      throw new SystemCallError('recvmsg');
    }
    const bytes = this.#into.data.slice(0, length);
    if (this.#family === 'inet') return withoutHeader(bytes);
    const source = socketAddressBytes(this.#into.name).slice();
    return withControl(source, bytes, this.#into.controls());
  }
}

function prepare(fd: number, options: RawIpSocketOptions): void {
  const { family, interface: device, index, hopLimit, trafficClass = 0, source, groups = [] } = options;
  setOption(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`), 'SO_BINDTODEVICE');
  if (family === 'inet') {
    for (const option of [IP_TTL, IP_MULTICAST_TTL])
      setOption(fd, IPPROTO_IP, option, integerBytes(hopLimit), 'IP_TTL');
    setOption(fd, IPPROTO_IP, IP_TOS, integerBytes(trafficClass), 'IP_TOS');
    for (const option of [IP_MULTICAST_LOOP, IP_MULTICAST_ALL])
      setOption(fd, IPPROTO_IP, option, integerBytes(0), 'IP_MULTICAST_LOOP');
    setOption(fd, IPPROTO_IP, IP_MULTICAST_IF, membership(new Uint8Array(4), index), 'IP_MULTICAST_IF');
    for (const group of groups)
      setOption(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, membership(group, index), 'IP_ADD_MEMBERSHIP');
  } else {
    for (const option of [IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS])
      setOption(fd, IPPROTO_IPV6, option, integerBytes(hopLimit), 'IPV6_UNICAST_HOPS');
    setOption(fd, IPPROTO_IPV6, IPV6_TCLASS, integerBytes(trafficClass), 'IPV6_TCLASS');
    for (const option of [IPV6_MULTICAST_LOOP, IPV6_MULTICAST_ALL])
      setOption(fd, IPPROTO_IPV6, option, integerBytes(0), 'IPV6_MULTICAST_LOOP');
    for (const option of [IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT])
      setOption(fd, IPPROTO_IPV6, option, integerBytes(1), 'IPV6_RECVPKTINFO');
    setOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, integerBytes(index), 'IPV6_MULTICAST_IF');
    for (const group of groups)
      setOption(
        fd,
        IPPROTO_IPV6,
        IPV6_JOIN_GROUP,
        Buffer.concat([group, integerBytes(index)]),
        'IPV6_JOIN_GROUP',
      );
  }
  if (options.ethernetSource !== undefined) attachFilter(fd, fromEthernetFilter(options.ethernetSource));
  if (source !== undefined) bindTo(fd, source, index);
}

/** A raw socket that is bound hears only packets to that very address, which no multicast has. */
function bindTo(fd: number, source: Uint8Array, index: number): void {
  attachFilter(fd, NOTHING_FILTER);
  const address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  const length = writeSocketAddress(address, source, 0);
  // The zone of a link-local address (struct sockaddr_in6, sin6_scope_id).
  if (source.length === 16) new DataView(address.buffer).setUint32(24, index, true);
  if (bind(fd, address, length) < 0) throw new SystemCallError('bind');
}

/** struct ip_mreqn: group, own address, interface. */
function membership(group: Uint8Array, index: number): Uint8Array {
  return Buffer.concat([group, new Uint8Array(4), integerBytes(index)]);
}

/** Of IPv4 the header comes along. */
function withoutHeader(packet: Uint8Array): RawIpPacket | undefined {
  const start = 4 * ((packet[0] ?? 0) & 0xf);
  if (packet.length < 20 || packet.length < start) return undefined;
  return {
    source: packet.subarray(12, 16),
    destination: packet.subarray(16, 20),
    hopLimit: packet[8] ?? 0,
    payload: packet.subarray(start),
  };
}

/** Of IPv6 it tells only what was asked for (RFC 3542 section 6). */
function withControl(
  source: Uint8Array,
  payload: Uint8Array,
  controls: Iterable<ControlMessage>,
): RawIpPacket | undefined {
  let hopLimit: number | undefined;
  let destination: Uint8Array | undefined;
  for (const { level, type, data } of controls) {
    if (level !== IPPROTO_IPV6) continue;
    if (type === IPV6_HOPLIMIT && data.length >= 4)
      hopLimit = new DataView(data.buffer, data.byteOffset).getInt32(0, true);
    if (type === IPV6_PKTINFO && data.length >= 16) destination = data.slice(0, 16);
  }
  if (hopLimit === undefined || destination === undefined) return undefined;
  return { source, destination, hopLimit, payload };
}
