import { addressOf } from '../libc.ts';

/**
 * The argument of one command of bpf(2), `union bpf_attr` of linux/bpf.h: little-endian on every architecture that vipr
 * runs on, and zero where nothing was set, as the kernel asks.
 */
export class BpfAttribute {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Keeps alive what the bytes only hold the addresses of. */
  readonly #referenced = new Map<number, Uint8Array>();

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** A field of 32 bits; negative numbers in two's complement. */
  setU32(offset: number, value: number): this {
    this.#view.setUint32(offset, value, true);
    return this;
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, true);
  }

  setU64(offset: number, value: bigint): this {
    this.#view.setBigUint64(offset, value, true);
    return this;
  }

  u64(offset: number): bigint {
    return this.#view.getBigUint64(offset, true);
  }

  /** The address of a buffer, which lives as long as this argument; NULL for undefined and for empty buffers. */
  setPointer(offset: number, buffer: Uint8Array | undefined): this {
    if (buffer === undefined || buffer.length === 0) return this.setU64(offset, 0n);
    this.#referenced.set(offset, buffer);
    return this.setU64(offset, addressOf(buffer));
  }

  /** A name in `room` bytes, cut so that a NUL is behind it. */
  setName(offset: number, name: string, room: number): this {
    const text = new TextEncoder().encode(name).subarray(0, room - 1);
    this.bytes.set(text, offset);
    return this;
  }

  /** Must be called after the call: until then the buffers are in use, although nothing in sight refers to them. */
  get referenced(): number {
    return this.#referenced.size;
  }
}

/** A text with a NUL behind it, as the kernel takes paths and licences. */
export function zeroTerminated(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
