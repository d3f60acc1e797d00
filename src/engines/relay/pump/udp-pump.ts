import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  ECONNREFUSED,
  EMSGSIZE,
  ENOBUFS,
  EPOLLIN,
} from '../../../system/constants.ts';
import {
  close,
  connect,
  getsockname,
  lastErrno,
  recv,
  recvfrom,
  send,
  sendto,
} from '../../../system/libc.ts';
import { openUdpSocket } from '../../../system/socket.ts';
import {
  SOCKET_ADDRESS_BYTES,
  socketAddressBytes,
  socketAddressLength,
  socketAddressPort,
} from '../../../system/socket-address.ts';
import { SystemCallError } from '../../../system/system-call-error.ts';
import { ToBalancer } from '../channel/message.ts';
import { proxyHeader } from './proxy-protocol.ts';
import { type PumpContext, TOKEN_UDP_FLOW, TOKEN_UDP_SERVICE } from './pump-context.ts';

/** Datagrams that one event may move, so that a busy socket does not starve the others. */
const DATAGRAMS_A_TURN = 64;
/** Datagrams of one flow that may wait while the balancer decides; the rest is dropped, as a full socket would. */
const MOST_WAITING = 64;
const LARGEST_DATAGRAM = 65_535;
/** Ticks of a tenth of a second after which a one-packet flow without datagrams gives up its socket, and between looks. */
const ONE_PACKET_IDLE_TICKS = 100;
const SWEEP_TICKS = 10;
/** What sending says of a datagram that cannot be sent, or not now; the next one may. */
const DROPPED = new Set([EAGAIN, EMSGSIZE, ENOBUFS]);

/** A UDP service's socket in this pump. */
interface UdpService {
  readonly number: number;
  readonly fd: number;
  onePacket: boolean;
  /** struct sockaddr that the socket is bound to. */
  readonly virtual: Uint8Array;
  readonly flows: Map<string, UdpFlow>;
  readonly waiting: Map<string, UdpRequest>;
  open: boolean;
}

/** Datagrams of a client whose destination the balancer is asked for. */
interface UdpRequest {
  readonly service: UdpService;
  readonly client: Uint8Array;
  readonly key: string;
  readonly datagrams: Uint8Array[];
}

/** A client's datagrams on their way to one destination, and the answers back. */
interface UdpFlow {
  readonly service: UdpService;
  readonly client: Uint8Array;
  readonly key: string;
  readonly index: number;
  /** -1 for a flow of a one-packet service, which the balancer does not keep. */
  readonly slot: number;
  destination: number;
  fd: number;
  /** The first datagram, kept until the destination answers, for another destination to get if this one refuses. */
  unanswered: Uint8Array | undefined;
  answered: boolean;
  /** Reported as refused; the balancer's word is awaited. */
  refused: boolean;
  lastTick: number;
}

/**
 * The UDP side of a pump. The system gives each client's datagrams to one pump; a client that the pump does not know is
 * asked for at the balancer, and its datagrams wait for the answer. Each flow has a socket of its own towards its
 * destination, by which the answers find the client.
 */
export class UdpPump {
  readonly #context: PumpContext;
  readonly #services = new Map<number, UdpService>();
  readonly #requests = new Map<number, UdpRequest>();
  readonly #byIndex: (UdpFlow | undefined)[] = [];
  readonly #freeIndices: number[] = [];
  readonly #bySlot = new Map<number, UdpFlow>();
  /** Flows of one-packet services, which this pump ends by itself. */
  readonly #onePacketFlows = new Set<UdpFlow>();
  readonly #buffer = new Uint8Array(LARGEST_DATAGRAM);
  readonly #client = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly #clientLength = new Uint8Array(4);
  readonly #clientLengthView = new DataView(this.#clientLength.buffer);
  #nextRequest = 0;
  #lastSweep = 0;

  constructor(context: PumpContext) {
    this.#context = context;
  }

  openService(number: number, fd: number, onePacket: boolean): void {
    const virtual = new Uint8Array(SOCKET_ADDRESS_BYTES);
    getsockname(fd, virtual, new Uint8Array(Uint32Array.of(SOCKET_ADDRESS_BYTES).buffer));
    const service = {
      number,
      fd,
      onePacket,
      virtual,
      flows: new Map<string, UdpFlow>(),
      waiting: new Map<string, UdpRequest>(),
      open: true,
    };
    this.#services.set(number, service);
    this.#context.epoll.add(fd, EPOLLIN, number * 4 + TOKEN_UDP_SERVICE);
  }

  editService(number: number, onePacket: boolean): void {
    const service = this.#services.get(number);
    if (service !== undefined) service.onePacket = onePacket;
  }

  /** Stops taking datagrams. The balancer ends the flows. */
  closeService(number: number): void {
    const service = this.#services.get(number);
    if (service === undefined) return;
    this.#services.delete(number);
    service.open = false;
    close(service.fd);
    for (const flow of [...this.#onePacketFlows]) if (flow.service === service) this.#endFlow(flow);
  }

  /** The balancer's answer to a request; a destination of -1 drops the datagrams. */
  forward(requestNumber: number, slot: number, destination: number): void {
    const request = this.#requests.get(requestNumber);
    this.#requests.delete(requestNumber);
    if (request === undefined) return;
    request.service.waiting.delete(request.key);
    if (destination < 0) return;
    const key = slot >= 0 ? request.key : `${request.key} ${destination}`;
    // There is a flow where a one-packet client sent to this destination before, or sent twice while that was switched off.
    const known = request.service.flows.get(key);
    const flow = known ?? this.#openFlow(request, key, slot, destination);
    if (slot >= 0 && flow?.slot !== slot) this.#context.balancer.push(ToBalancer.ended, slot, 1);
    if (flow === undefined) return;
    for (const datagram of request.datagrams) this.#toServer(flow, datagram, datagram.length);
  }

  /** Sends the unanswered datagram of a flow to another destination. */
  retry(slot: number, destination: number): void {
    const flow = this.#bySlot.get(slot);
    if (flow === undefined) return;
    this.#context.epoll.remove(flow.fd);
    close(flow.fd);
    flow.destination = destination;
    flow.refused = false;
    const fd = this.#connectedSocket(flow.index, destination);
    if (fd === undefined) {
      flow.fd = -1;
      this.#endFlow(flow);
      return;
    }
    flow.fd = fd;
    const datagram = flow.unanswered;
    if (datagram !== undefined) this.#toServer(flow, datagram, datagram.length);
  }

  end(slot: number): void {
    const flow = this.#bySlot.get(slot);
    if (flow !== undefined) this.#endFlow(flow);
  }

  endAll(): void {
    for (const number of [...this.#services.keys()]) this.closeService(number);
    for (const flow of [...this.#bySlot.values()]) this.#endFlow(flow);
  }

  /** Ends the one-packet flows of a destination. */
  dropDestination(destination: number): void {
    for (const flow of this.#onePacketFlows) if (flow.destination === destination) this.#endFlow(flow);
  }

  /** Once a second, ends one-packet flows that were idle for long. */
  sweep(): void {
    const { tick } = this.#context;
    if (tick - this.#lastSweep < SWEEP_TICKS) return;
    this.#lastSweep = tick;
    for (const flow of this.#onePacketFlows) {
      if (tick - flow.lastTick > ONE_PACKET_IDLE_TICKS) this.#endFlow(flow);
    }
  }

  serviceEvent(number: number): void {
    const service = this.#services.get(number);
    if (service === undefined) return;
    for (let count = 0; count < DATAGRAMS_A_TURN && service.open; count++) {
      this.#clientLengthView.setUint32(0, SOCKET_ADDRESS_BYTES, true);
      const length = recvfrom(
        service.fd,
        this.#buffer,
        LARGEST_DATAGRAM,
        0,
        this.#client,
        this.#clientLength,
      );
      if (length < 0) return;
      const key = clientKey(this.#client);
      const flow = service.onePacket ? undefined : service.flows.get(key);
      if (flow !== undefined) this.#toServer(flow, this.#buffer, length);
      else this.#ask(service, key, this.#buffer.slice(0, length));
    }
  }

  flowEvent(index: number): void {
    const flow = this.#byIndex[index];
    for (let count = 0; count < DATAGRAMS_A_TURN && flow !== undefined && flow.fd >= 0; count++) {
      const length = recv(flow.fd, this.#buffer, LARGEST_DATAGRAM, 0);
      if (length < 0) {
        const errno = lastErrno();
        if (errno !== EAGAIN) this.#failed(flow, errno);
        return;
      }
      if (!flow.answered) {
        flow.answered = true;
        flow.unanswered = undefined;
        if (flow.slot >= 0) this.#context.balancer.push(ToBalancer.answered, flow.slot);
      }
      flow.lastTick = this.#context.tick;
      this.#context.countOut(flow.slot, flow.destination, 1, length);
      if (flow.service.open) {
        sendto(flow.service.fd, this.#buffer, length, 0, flow.client, socketAddressLength(flow.client));
      }
    }
  }

  #ask(service: UdpService, key: string, datagram: Uint8Array): void {
    const waiting = service.onePacket ? undefined : service.waiting.get(key);
    if (waiting !== undefined) {
      if (waiting.datagrams.length < MOST_WAITING) waiting.datagrams.push(datagram);
      return;
    }
    const number = this.#nextRequest;
    this.#nextRequest = (number + 1) | 0;
    const request = { service, client: this.#client.slice(), key, datagrams: [datagram] };
    this.#requests.set(number, request);
    if (!service.onePacket) service.waiting.set(key, request);
    const bytes = socketAddressBytes(request.client);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const inet6 = bytes.length === 16;
    this.#context.balancer.push(
      ToBalancer.scheduleUdp,
      service.number,
      number,
      socketAddressPort(request.client) | (inet6 ? 0x10000 : 0),
      view.getInt32(0),
      inet6 ? view.getInt32(4) : 0,
      inet6 ? view.getInt32(8) : 0,
      inet6 ? view.getInt32(12) : 0,
    );
  }

  #openFlow(request: UdpRequest, key: string, slot: number, destination: number): UdpFlow | undefined {
    const index = this.#freeIndices.pop() ?? this.#byIndex.length;
    const fd = this.#connectedSocket(index, destination);
    if (fd === undefined) {
      this.#byIndex[index] = undefined;
      this.#freeIndices.push(index);
      return undefined;
    }
    const { service, client } = request;
    const flow: UdpFlow = {
      service,
      client,
      key,
      index,
      slot,
      destination,
      fd,
      unanswered: request.datagrams[0],
      answered: false,
      refused: false,
      lastTick: this.#context.tick,
    };
    this.#byIndex[index] = flow;
    service.flows.set(key, flow);
    if (slot >= 0) this.#bySlot.set(slot, flow);
    else this.#onePacketFlows.add(flow);
    return flow;
  }

  #connectedSocket(index: number, destination: number): number | undefined {
    const address = this.#context.destinationAddress(destination);
    const length = socketAddressLength(address);
    let fd: number;
    try {
      fd = openUdpSocket(length === 16 ? AF_INET : AF_INET6);
    } catch (error) {
      if (error instanceof SystemCallError) return undefined;
      throw error;
    }
    if (connect(fd, address, length) < 0) {
      close(fd);
      return undefined;
    }
    this.#context.epoll.add(fd, EPOLLIN, index * 4 + TOKEN_UDP_FLOW);
    return fd;
  }

  #toServer(flow: UdpFlow, datagram: Uint8Array, length: number): void {
    flow.lastTick = this.#context.tick;
    this.#context.countIn(flow.slot, flow.destination, 1, length);
    const framed = this.#context.wantsProxyHeader(flow.destination)
      ? withHeader(proxyHeader('udp', flow.client, flow.service.virtual), datagram, length)
      : undefined;
    const sent = framed ? send(flow.fd, framed, framed.length, 0) : send(flow.fd, datagram, length, 0);
    if (sent >= 0) return;
    const errno = lastErrno();
    if (!DROPPED.has(errno)) this.#failed(flow, errno);
  }

  /** The destination refused (ICMP port unreachable) or cannot be reached. */
  #failed(flow: UdpFlow, errno: number): void {
    if (flow.slot < 0 || flow.answered) {
      // A server that answered before may be restarting: the flow stays, as it does in IPVS, until it expires.
      if (errno !== ECONNREFUSED) this.#endFlow(flow);
      return;
    }
    if (flow.refused) return;
    flow.refused = true;
    this.#context.balancer.push(ToBalancer.refused, flow.slot, errno);
  }

  #endFlow(flow: UdpFlow): void {
    if (flow.fd >= 0) close(flow.fd);
    flow.fd = -1;
    flow.service.flows.delete(flow.key);
    this.#byIndex[flow.index] = undefined;
    this.#freeIndices.push(flow.index);
    this.#onePacketFlows.delete(flow);
    if (flow.slot < 0) return;
    this.#bySlot.delete(flow.slot);
    this.#context.balancer.push(ToBalancer.ended, flow.slot, 0);
  }
}

/** Family, port and address of a client as a string of bytes. */
function clientKey(client: Uint8Array): string {
  return String.fromCharCode(...client.subarray(0, socketAddressLength(client) === 28 ? 24 : 8));
}

function withHeader(header: Uint8Array, datagram: Uint8Array, length: number): Uint8Array {
  const framed = new Uint8Array(header.length + length);
  framed.set(header);
  framed.set(datagram.subarray(0, length), header.length);
  return framed;
}
