import type { Epoll } from '../../../system/epoll.ts';
import { SOCKET_ADDRESS_BYTES } from '../../../system/socket-address.ts';
import type { RingProducer } from '../channel/ring.ts';
import {
  COUNTERS_PER_DESTINATION,
  DESTINATION_FLAGS_OFFSET,
  DESTINATION_ROW_BYTES,
  FLAG_PROXY_PROTOCOL,
  IN_BYTES,
  IN_PACKETS,
  OUT_BYTES,
  OUT_PACKETS,
  type SharedMemory,
} from '../channel/shared-memory.ts';

/** Who an event belongs to: the low two bits of its token; the rest is an index there. */
export const TOKEN_TCP_CLIENT = 0;
export const TOKEN_TCP_SERVER = 1;
export const TOKEN_UDP_SERVICE = 2;
export const TOKEN_UDP_FLOW = 3;
/** The doorbell's token; its events are only there to end a wait. */
export const TOKEN_DOORBELL = 0xffffffff;

/** What the TCP and the UDP side of one pump share: the way to the balancer, shared memory, and the clock of the round. */
export class PumpContext {
  readonly epoll: Epoll;
  readonly balancer: RingProducer;
  /** The current round's clock as an activity tick. */
  tick = 0;
  readonly #activity: Uint32Array;
  readonly #counters: Float64Array;
  readonly #destinations: Uint8Array;

  constructor(epoll: Epoll, balancer: RingProducer, memory: SharedMemory, pump: number) {
    const counters = memory.counters[pump];
    if (counters === undefined) throw new RangeError(`no counters for pump ${pump}`);
    this.epoll = epoll;
    this.balancer = balancer;
    this.#activity = new Uint32Array(memory.activity);
    this.#counters = new Float64Array(counters);
    this.#destinations = new Uint8Array(memory.destinations);
  }

  /** Counts bytes that came from the client, and keeps the connection from expiring. */
  countIn(slot: number, destination: number, packets: number, bytes: number): void {
    this.#count(destination * COUNTERS_PER_DESTINATION, IN_PACKETS, IN_BYTES, packets, bytes);
    if (slot >= 0) this.#activity[slot] = this.tick;
  }

  countOut(slot: number, destination: number, packets: number, bytes: number): void {
    this.#count(destination * COUNTERS_PER_DESTINATION, OUT_PACKETS, OUT_BYTES, packets, bytes);
    if (slot >= 0) this.#activity[slot] = this.tick;
  }

  /** The destination's struct sockaddr, copied out of shared memory. */
  destinationAddress(destination: number): Uint8Array {
    const at = destination * DESTINATION_ROW_BYTES;
    return this.#destinations.slice(at, at + SOCKET_ADDRESS_BYTES);
  }

  wantsProxyHeader(destination: number): boolean {
    const flags = this.#destinations[destination * DESTINATION_ROW_BYTES + DESTINATION_FLAGS_OFFSET] ?? 0;
    return (flags & FLAG_PROXY_PROTOCOL) !== 0;
  }

  #count(at: number, packetWord: number, byteWord: number, packets: number, bytes: number): void {
    const counters = this.#counters;
    counters[at + packetWord] = (counters[at + packetWord] ?? 0) + packets;
    counters[at + byteWord] = (counters[at + byteWord] ?? 0) + bytes;
  }
}
