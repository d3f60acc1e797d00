import { addressBytes, familyOf } from '../../../model/address.ts';
import { ViprError } from '../../../model/error.ts';
import { hostPort, type ServiceKey } from '../../../model/service.ts';
import {
  EAGAIN,
  ECONNABORTED,
  EINTR,
  EPOLLIN,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
} from '../../../system/constants.ts';
import type { Epoll } from '../../../system/epoll.ts';
import { accept4, close, lastErrno } from '../../../system/libc.ts';
import { freeAddress, openTcpListener, openUdpListeners } from '../../../system/socket.ts';
import {
  SOCKET_ADDRESS_BYTES,
  socketAddressBytes,
  socketAddressPort,
} from '../../../system/socket-address.ts';
import { SystemCallError } from '../../../system/system-call-error.ts';
import type { LiveService } from '../../table/live-service.ts';
import { ToPump } from '../channel/message.ts';
import type { RingProducer } from '../channel/ring.ts';
import type { Client } from './client.ts';
import { wordsFromBytes } from './client-address.ts';

/** Connections that may wait to be accepted; Linux caps it at net.core.somaxconn. */
const BACKLOG = 65_535;
/** Connections that one event may bring in, so that one service does not starve the others. */
const ACCEPTS_A_TURN = 128;
const UNSPECIFIED = new Set(['0.0.0.0', '::']);

interface Listener {
  readonly service: LiveService;
  /** The socket of a TCP service. */
  readonly fd: number | undefined;
  /** The sockets of a UDP service, one for each pump, which closes it. */
  readonly pumpFds: readonly number[];
}

/** The sockets on which virtual services wait for clients: of TCP services here, of UDP services one in each pump. */
export class Listeners {
  readonly #epoll: Epoll;
  readonly #pumps: readonly RingProducer[];
  readonly #byNumber = new Map<number, Listener>();
  readonly #numbers = new Map<ServiceKey, number>();
  readonly #address = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #length = new Uint8Array(4);
  readonly #lengthView = new DataView(this.#length.buffer);
  #nextNumber = 0;
  #paused = false;
  #descriptors = 0;

  constructor(epoll: Epoll, pumps: readonly RingProducer[]) {
    this.#epoll = epoll;
    this.#pumps = pumps;
  }

  /** Descriptors that the listeners hold, in the balancer and in the pumps. */
  get descriptors(): number {
    return this.#descriptors;
  }

  /** Opens the service's sockets; throws ADDRESS_IN_USE, ADDRESS_NOT_LOCAL, PERMISSION_DENIED or SYSTEM_CALL_FAILED. */
  open(service: LiveService): void {
    if (service.id.kind !== 'address') throw new RangeError(`no sockets for ${service.key}`);
    const { protocol, address, port } = service.id;
    if (protocol === 'udp' && UNSPECIFIED.has(address)) throw unspecifiedUdp(service);
    const number = this.#nextNumber;
    try {
      if (protocol === 'udp') {
        const sockets = openUdpListeners(addressBytes(address), port, this.#pumps.length);
        sockets.forEach((fd, pump) => {
          this.#pumps[pump]?.push(ToPump.openUdp, number, fd, service.settings.onePacket ? 1 : 0);
        });
        this.#byNumber.set(number, { service, fd: undefined, pumpFds: sockets });
      } else {
        const fd = openTcpListener(addressBytes(address), port, BACKLOG);
        if (!this.#paused) this.#epoll.add(fd, EPOLLIN, number);
        this.#byNumber.set(number, { service, fd, pumpFds: [] });
      }
    } catch (error) {
      throw error instanceof SystemCallError ? openingFailed(service, error) : error;
    }
    this.#descriptors += protocol === 'udp' ? this.#pumps.length : 1;
    this.#nextNumber++;
    this.#numbers.set(service.key, number);
  }

  /** Tells the pumps how to schedule the service's datagrams after an edit. */
  edit(service: LiveService): void {
    const number = this.#numbers.get(service.key);
    if (number === undefined || this.#byNumber.get(number)?.fd !== undefined) return;
    for (const pump of this.#pumps) pump.push(ToPump.editUdp, number, service.settings.onePacket ? 1 : 0);
  }

  /** Closes the service's sockets; connections go on. */
  close(service: LiveService): void {
    const number = this.#numbers.get(service.key);
    const listener = number === undefined ? undefined : this.#byNumber.get(number);
    if (number === undefined || listener === undefined) return;
    this.#numbers.delete(service.key);
    this.#byNumber.delete(number);
    this.#descriptors -= listener.fd === undefined ? this.#pumps.length : 1;
    if (listener.fd !== undefined) close(listener.fd);
    for (const fd of listener.pumpFds) freeAddress(fd);
    if (listener.pumpFds.length > 0) for (const pump of this.#pumps) pump.push(ToPump.closeUdp, number);
  }

  closeAll(): void {
    for (const { service } of [...this.#byNumber.values()]) this.close(service);
  }

  /** The service that a number, an epoll token or a word of a pump's message, belongs to. */
  service(number: number): LiveService | undefined {
    return this.#byNumber.get(number)?.service;
  }

  /**
   * Accepts what waits on the listener of that number, at most `most` connections. Returns an errno where accepting failed
   * for want of descriptors or memory; else 0.
   */
  accept(
    number: number,
    most: number,
    accepted: (service: LiveService, fd: number, client: Client) => void,
  ): number {
    const listener = this.#byNumber.get(number);
    if (listener?.fd === undefined) return 0;
    for (let count = 0; count < Math.min(most, ACCEPTS_A_TURN); count++) {
      this.#lengthView.setUint32(0, SOCKET_ADDRESS_BYTES, true);
      const fd = accept4(listener.fd, this.#address, this.#length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        const errno = lastErrno();
        if (errno === EAGAIN) return 0;
        if (errno === EINTR || errno === ECONNABORTED) continue;
        return errno;
      }
      const bytes = socketAddressBytes(this.#address);
      accepted(listener.service, fd, {
        words: wordsFromBytes(bytes),
        inet6: bytes.length === 16,
        port: socketAddressPort(this.#address),
      });
    }
    return 0;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Leaves clients in the system's queue until {@link resume}. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    for (const { fd } of this.#byNumber.values()) if (fd !== undefined) this.#epoll.remove(fd);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const [number, { fd }] of this.#byNumber) {
      if (fd !== undefined) this.#epoll.add(fd, EPOLLIN, number);
    }
  }
}

function unspecifiedUdp(service: LiveService): ViprError {
  return new ViprError(
    'NOT_SUPPORTED_BY_ENGINE',
    `${service.key}: the relay engine balances UDP on one address only, since answers must come from the address that was asked`,
    { hint: 'Add one service for each address of this host that clients use.' },
  );
}

function openingFailed(service: LiveService, error: SystemCallError): ViprError {
  const options = { cause: error, errno: error.code };
  const { id } = service;
  const where = id.kind === 'address' ? hostPort(id.address, id.port) : service.key;
  switch (error.code) {
    case 'EADDRINUSE':
      return new ViprError('ADDRESS_IN_USE', `${service.key}: another program listens on ${where}`, {
        ...options,
        hint: `See which one with 'ss -lnp', or choose another port.`,
      });
    case 'EADDRNOTAVAIL': {
      const width = id.kind === 'address' && familyOf(id.address) === 'inet6' ? 128 : 32;
      const vip = id.kind === 'address' ? `${id.address}/${width}` : where;
      return new ViprError('ADDRESS_NOT_LOCAL', `${service.key}: the address is not one of this host`, {
        ...options,
        hint: `Add it, for instance with 'ip address add ${vip} dev lo', then add the service again.`,
      });
    }
    case 'EACCES':
    case 'EPERM':
      return new ViprError('PERMISSION_DENIED', `${service.key}: this user may not listen on ${where}`, {
        ...options,
        hint: 'Use a port from 1024 on, run as root, or lower net.ipv4.ip_unprivileged_port_start.',
      });
    default:
      return new ViprError(
        'SYSTEM_CALL_FAILED',
        `${service.key}: cannot listen on ${where}: ${error.message}`,
        options,
      );
  }
}
