import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { MOST_CONNECTIONS } from '../channel/shared-memory.ts';

const FIRST_CAPACITY = 1024;
const NONE = -1;

/** Bits of {@link ConnectionTable.flags}. */
export const Flag = {
  used: 1,
  inet6: 2,
  template: 4,
  /** A pump holds sockets for the entry. */
  open: 8,
  /** The pump was told to end the entry, or to give up on its destination; its answer is awaited. */
  ending: 16,
  abandoned: 32,
  /** A template whose destination went away: out of the index, left to expire (ip_vs_conn.c, ip_vs_check_template). */
  invalid: 64,
  /** Counted as active by its destination. */
  active: 128,
} as const;

/**
 * Connections and templates as columns of numbers, a row (slot) for each: some sixty bytes, nothing for the garbage
 * collector to trace but two references. Rows are linked into a list for each destination.
 */
export class ConnectionTable {
  #capacity = 0;
  #used = 0;
  #nextFresh = 0;
  #freeHead = NONE;

  flags = new Uint8Array(0);
  state = new Uint8Array(0);
  pump = new Uint16Array(0);
  /** Client address in host-order words; IPv4 uses the first. */
  address = new Uint32Array(0);
  port = new Uint16Array(0);
  /** Seconds of idleness after which the entry expires. */
  timeout = new Uint32Array(0);
  /** The template that controls the connection, or -1; free rows link by it. */
  controller = new Int32Array(0);
  /** Connections that a template controls. */
  controlled = new Int32Array(0);
  /** Rows of one destination, doubly linked. */
  #nextOfDestination = new Int32Array(0);
  #previousOfDestination = new Int32Array(0);
  readonly #firstOfDestination = new Map<LiveDestination, number>();
  readonly services: (LiveService | undefined)[] = [];
  readonly destinations: (LiveDestination | undefined)[] = [];

  /** Rows in use. */
  get size(): number {
    return this.#used;
  }

  /** One more than the highest slot ever used. */
  get end(): number {
    return this.#nextFresh;
  }

  isUsed(slot: number): boolean {
    return this.has(slot, Flag.used);
  }

  has(slot: number, flag: number): boolean {
    return ((this.flags[slot] ?? 0) & flag) !== 0;
  }

  set(slot: number, flag: number): void {
    this.flags[slot] = (this.flags[slot] ?? 0) | flag;
  }

  unset(slot: number, flag: number): void {
    this.flags[slot] = (this.flags[slot] ?? 0) & ~flag;
  }

  /** A row of zeros that belongs to the service, or -1 where {@link MOST_CONNECTIONS} are in use. */
  allocate(service: LiveService): number {
    let slot = this.#freeHead;
    if (slot === NONE) {
      if (this.#nextFresh === MOST_CONNECTIONS) return NONE;
      slot = this.#nextFresh++;
      if (slot >= this.#capacity) this.#grow();
    } else {
      this.#freeHead = this.controller[slot] ?? NONE;
    }
    this.#used++;
    this.flags[slot] = Flag.used;
    this.controller[slot] = NONE;
    this.controlled[slot] = 0;
    this.services[slot] = service;
    return slot;
  }

  /** Gives a row back; it must have left its destination. */
  free(slot: number): void {
    this.flags[slot] = 0;
    this.services[slot] = undefined;
    this.controller[slot] = this.#freeHead;
    this.#freeHead = slot;
    this.#used--;
  }

  /** Puts the row into the destination's list. */
  assign(slot: number, destination: LiveDestination): void {
    this.destinations[slot] = destination;
    const next = this.#firstOfDestination.get(destination) ?? NONE;
    this.#nextOfDestination[slot] = next;
    this.#previousOfDestination[slot] = NONE;
    if (next !== NONE) this.#previousOfDestination[next] = slot;
    this.#firstOfDestination.set(destination, slot);
  }

  /** Takes the row out of its destination's list. */
  unassign(slot: number): void {
    const destination = this.destinations[slot];
    if (destination === undefined) return;
    const next = this.#nextOfDestination[slot] ?? NONE;
    const previous = this.#previousOfDestination[slot] ?? NONE;
    if (next !== NONE) this.#previousOfDestination[next] = previous;
    if (previous !== NONE) this.#nextOfDestination[previous] = next;
    else if (next !== NONE) this.#firstOfDestination.set(destination, next);
    else this.#firstOfDestination.delete(destination);
    this.destinations[slot] = undefined;
  }

  /** The slots of a destination, as they are now. */
  slotsOf(destination: LiveDestination): number[] {
    const slots: number[] = [];
    let slot = this.#firstOfDestination.get(destination) ?? NONE;
    for (; slot !== NONE; slot = this.#nextOfDestination[slot] ?? NONE) slots.push(slot);
    return slots;
  }

  #grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, this.#capacity * 2);
    this.flags = enlarged(this.flags, new Uint8Array(capacity));
    this.state = enlarged(this.state, new Uint8Array(capacity));
    this.pump = enlarged(this.pump, new Uint16Array(capacity));
    this.address = enlarged(this.address, new Uint32Array(capacity * 4));
    this.port = enlarged(this.port, new Uint16Array(capacity));
    this.timeout = enlarged(this.timeout, new Uint32Array(capacity));
    this.controller = enlarged(this.controller, new Int32Array(capacity));
    this.controlled = enlarged(this.controlled, new Int32Array(capacity));
    this.#nextOfDestination = enlarged(this.#nextOfDestination, new Int32Array(capacity));
    this.#previousOfDestination = enlarged(this.#previousOfDestination, new Int32Array(capacity));
    this.#capacity = capacity;
  }
}

function enlarged<T extends Uint8Array | Uint16Array | Uint32Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
