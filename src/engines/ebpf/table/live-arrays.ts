import type { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { MappedArray } from '../../../system/bpf/mapped-array.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import { OFFSET } from '../layout.gen.ts';
import type { RingPosition } from '../selection/selection-compiler.ts';

const counts = OFFSET.destination_live;
const ring = OFFSET.service_live;

/** The maps that the data plane changes with packets, in memory that is shared with it. */
export class LiveArrays {
  readonly #destinations: MappedArray;
  readonly #services: MappedArray;
  readonly #words: Int32Array;
  readonly #positions: BigInt64Array;

  constructor(maps: { readonly destination_live: BpfMap; readonly service_live: BpfMap }) {
    this.#destinations = new MappedArray(maps.destination_live);
    this.#services = new MappedArray(maps.service_live);
    this.#words = new Int32Array(this.#destinations.bytes.buffer);
    this.#positions = new BigInt64Array(this.#services.bytes.buffer);
  }

  /** Takes the counts of a destination over from its slot. */
  refresh(destination: LiveDestination): void {
    const { slot } = destination;
    destination.activeConnections = this.#load(slot, counts.active);
    destination.inactiveConnections = this.#load(slot, counts.inactive);
    destination.persistentConnections = this.#load(slot, counts.persistent);
    destination.overloaded = this.#load(slot, counts.overloaded) !== 0;
  }

  /** Whether connections or templates refer to a slot. */
  isReferenced(slot: number): boolean {
    return [counts.active, counts.inactive, counts.persistent].some((field) => this.#load(slot, field) > 0);
  }

  setOverloaded(slot: number, overloaded: boolean): void {
    this.#store(slot, counts.overloaded, overloaded ? 1 : 0);
  }

  /** For a slot that nobody refers to. */
  clear(slot: number): void {
    for (const field of Object.values(counts)) this.#store(slot, field, 0);
  }

  ringPosition(service: number): RingPosition {
    return {
      position: Number(Atomics.load(this.#positions, this.#place(service, ring.position))),
      placed: Number(Atomics.load(this.#positions, this.#place(service, ring.placed))),
    };
  }

  placeRing(service: number, position: number): void {
    Atomics.store(this.#positions, this.#place(service, ring.placed), BigInt(position));
    Atomics.store(this.#positions, this.#place(service, ring.position), BigInt(position));
  }

  close(): void {
    this.#destinations.close();
    this.#services.close();
  }

  #place(service: number, field: number): number {
    return (service * this.#services.stride + field) / 8;
  }

  #load(slot: number, field: number): number {
    return Atomics.load(this.#words, (slot * this.#destinations.stride + field) / 4) >>> 0;
  }

  #store(slot: number, field: number, value: number): void {
    Atomics.store(this.#words, (slot * this.#destinations.stride + field) / 4, value);
  }
}
