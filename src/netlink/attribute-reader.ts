import { align, type ByteRange, bytesOf, HOST_LITTLE_ENDIAN } from './byte-range.ts';
import { malformed, type NetlinkError } from './netlink-error.ts';

/** struct nlattr (linux/netlink.h). */
const HEADER_BYTES = 4;
/** The bits of an attribute's type that are not NLA_F_NESTED or NLA_F_NET_BYTEORDER (NLA_TYPE_MASK). */
const TYPE_MASK = 0x3fff;

/**
 * Reads attributes one after another:
 *
 *     const reader = new AttributeReader(message.payload, 4);
 *     while (reader.next()) {
 *       switch (reader.type) {
 *         case 1: id = reader.u16(); break;
 *         case 2: name = reader.string(); break;
 *       }
 *     }
 *     reader.finish();
 *
 * The first error sticks: {@link next} is false from then on, values read as 0 or empty, and {@link finish} throws it. So a
 * reading loop checks once, at its end.
 */
export class AttributeReader {
  readonly #view: DataView;
  readonly #end: number;
  #at: number;
  #type = 0;
  #start = 0;
  #stop = 0;
  #error: NetlinkError | undefined;

  /** @param skip bytes of a fixed header before the first attribute */
  constructor({ view, start, end }: ByteRange, skip = 0) {
    this.#view = view;
    this.#at = start + align(skip);
    this.#end = end;
    if (start + skip > end) this.#fail(`${end - start} bytes where a header of ${skip} is expected`);
  }

  /** Goes to the next attribute; false at the end, and after an error. */
  next(): boolean {
    const left = this.#end - this.#at;
    // Less than a header can be left by a sender that pads; the kernel overlooks it too (lib/nlattr.c, nla_ok).
    if (this.#error !== undefined || left < HEADER_BYTES) return false;
    const length = this.#view.getUint16(this.#at, HOST_LITTLE_ENDIAN);
    this.#type = this.#view.getUint16(this.#at + 2, HOST_LITTLE_ENDIAN) & TYPE_MASK;
    if (length < HEADER_BYTES || length > left) {
      this.#fail(`attribute ${this.#type} has ${length} bytes where ${left} are left`);
      return false;
    }
    this.#start = this.#at + HEADER_BYTES;
    this.#stop = this.#at + length;
    this.#at += align(length);
    return true;
  }

  /** The number of the attribute that {@link next} went to. */
  get type(): number {
    return this.#type;
  }

  /** Bytes of the value. */
  get length(): number {
    return this.#stop - this.#start;
  }

  u8(): number {
    return this.#holds(1) ? this.#view.getUint8(this.#start) : 0;
  }

  /** 16 bits in host order. */
  u16(): number {
    return this.#holds(2) ? this.#view.getUint16(this.#start, HOST_LITTLE_ENDIAN) : 0;
  }

  /** 16 bits in network order. */
  be16(): number {
    return this.#holds(2) ? this.#view.getUint16(this.#start, false) : 0;
  }

  /** 32 bits in host order. */
  u32(): number {
    return this.#holds(4) ? this.#view.getUint32(this.#start, HOST_LITTLE_ENDIAN) : 0;
  }

  /** 32 bits in host order, with a sign. */
  i32(): number {
    return this.#holds(4) ? this.#view.getInt32(this.#start, HOST_LITTLE_ENDIAN) : 0;
  }

  /** 32 bits in network order. */
  be32(): number {
    return this.#holds(4) ? this.#view.getUint32(this.#start, false) : 0;
  }

  /** 64 bits in host order. */
  u64(): bigint {
    if (!this.#holds(8)) return 0n;
    // Most counters are 0, and this zero costs no allocation.
    if (this.#view.getUint32(this.#start, true) === 0 && this.#view.getUint32(this.#start + 4, true) === 0) {
      return 0n;
    }
    return this.#view.getBigUint64(this.#start, HOST_LITTLE_ENDIAN);
  }

  /** 64 bits in network order. */
  be64(): bigint {
    return this.#holds(8) ? this.#view.getBigUint64(this.#start, false) : 0n;
  }

  /** Text up to the first NUL, or to the end of the value. */
  string(): string {
    if (this.#error !== undefined) return '';
    let stop = this.#start;
    let text = '';
    for (; stop < this.#stop; stop++) {
      const byte = this.#view.getUint8(stop);
      if (byte === 0) return text;
      if (byte > 127) break;
      text += String.fromCharCode(byte);
    }
    if (stop === this.#stop) return text;
    const bytes = this.#bytes();
    const nul = bytes.indexOf(0);
    return new TextDecoder().decode(nul < 0 ? bytes : bytes.subarray(0, nul));
  }

  /** The value as a copy. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#error === undefined ? new Uint8Array(this.#bytes()) : new Uint8Array(0);
  }

  /** The value as it lies in the datagram, for formats of its own. */
  range(): ByteRange {
    return {
      view: this.#view,
      start: this.#start,
      end: this.#error === undefined ? this.#stop : this.#start,
    };
  }

  /** Reads the attributes inside this one; an error in there sticks out here too. */
  nest<T>(read: (inner: AttributeReader) => T): T {
    const inner = new AttributeReader(this.range());
    const value = read(inner);
    this.#error ??= inner.#error;
    return value;
  }

  /** What is wrong so far. */
  get error(): NetlinkError | undefined {
    return this.#error;
  }

  /** Throws the NetlinkError that stopped the reading, if one did. */
  finish(): void {
    if (this.#error !== undefined) throw this.#error;
  }

  #holds(bytes: number): boolean {
    if (this.#error !== undefined) return false;
    if (this.#stop - this.#start === bytes) return true;
    this.#fail(`attribute ${this.#type} has a value of ${this.length} bytes where ${bytes} are expected`);
    return false;
  }

  #bytes(): Uint8Array {
    return bytesOf({ view: this.#view, start: this.#start, end: this.#stop });
  }

  #fail(text: string): void {
    this.#error ??= malformed(text);
  }
}
