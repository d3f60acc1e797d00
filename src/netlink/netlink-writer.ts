import { align, HOST_LITTLE_ENDIAN } from './byte-range.ts';
import { MESSAGE_HEADER_BYTES } from './message.ts';

/** What a message begins with. */
export interface MessageHeader {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** The port of the receiving socket; 0 is the kernel. */
  readonly portId?: number;
}

/** Where the flags lie in struct nlmsghdr (linux/netlink.h). */
const FLAGS_OFFSET = 6;
const ATTRIBUTE_HEADER_BYTES = 4;
/** Says that an attribute holds attributes (linux/netlink.h). */
const NLA_F_NESTED = 0x8000;
const LONGEST_ATTRIBUTE = 0xffff;
const FIRST_BYTES = 512;
const ENCODER = new TextEncoder();

/**
 * Builds a datagram of messages with attributes. Numbers that do not fit their attribute throw a RangeError; what was
 * begun then is taken back by {@link truncate}.
 */
export class NetlinkWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written so far, as a view that holds until more is written. */
  datagram(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes everything after the first `length` bytes back. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    this.#bytes.fill(0, length, this.#length);
    this.#length = length;
  }

  /** A whole message; `body` writes its fixed header and its attributes. */
  message({ type, flags, sequence, portId = 0 }: MessageHeader, body?: (writer: this) => void): void {
    const start = this.#take(MESSAGE_HEADER_BYTES);
    body?.(this);
    this.#view.setUint32(start, this.#length - start, HOST_LITTLE_ENDIAN);
    this.#view.setUint16(start + 4, type, HOST_LITTLE_ENDIAN);
    this.#view.setUint16(start + FLAGS_OFFSET, flags, HOST_LITTLE_ENDIAN);
    this.#view.setUint32(start + 8, sequence, HOST_LITTLE_ENDIAN);
    this.#view.setUint32(start + 12, portId, HOST_LITTLE_ENDIAN);
    this.#take(align(this.#length) - this.#length);
  }

  /** Sets flags in the header of the message that begins `at` that many bytes. */
  addFlags(at: number, flags: number): void {
    const offset = at + FLAGS_OFFSET;
    const before = this.#view.getUint16(offset, HOST_LITTLE_ENDIAN);
    this.#view.setUint16(offset, before | flags, HOST_LITTLE_ENDIAN);
  }

  /** Bytes outside of any attribute: a fixed header. Its length should be a multiple of four where attributes follow. */
  header(bytes: Uint8Array): void {
    this.#put(this.#take(bytes.length), bytes);
  }

  /** Four bytes outside of any attribute. */
  octets(first: number, second: number, third: number, fourth: number): void {
    const at = this.#take(4);
    this.#bytes[at] = first;
    this.#bytes[at + 1] = second;
    this.#bytes[at + 2] = third;
    this.#bytes[at + 3] = fourth;
  }

  u8(type: number, value: number): void {
    check(value, 0, 0xff);
    const at = this.#attribute(type, 1);
    this.#view.setUint8(at, value);
  }

  /** 16 bits in host order. */
  u16(type: number, value: number): void {
    check(value, 0, 0xffff);
    const at = this.#attribute(type, 2);
    this.#view.setUint16(at, value, HOST_LITTLE_ENDIAN);
  }

  /** 16 bits in network order. */
  be16(type: number, value: number): void {
    check(value, 0, 0xffff);
    const at = this.#attribute(type, 2);
    this.#view.setUint16(at, value, false);
  }

  /** 32 bits in host order. */
  u32(type: number, value: number): void {
    check(value, 0, 0xffffffff);
    const at = this.#attribute(type, 4);
    this.#view.setUint32(at, value, HOST_LITTLE_ENDIAN);
  }

  /** 32 bits in host order, with a sign. */
  i32(type: number, value: number): void {
    check(value, -0x80000000, 0x7fffffff);
    const at = this.#attribute(type, 4);
    this.#view.setInt32(at, value, HOST_LITTLE_ENDIAN);
  }

  /** 32 bits in network order; where the value is to have more `bytes`, they are its first ones and the others 0. */
  be32(type: number, value: number, bytes = 4): void {
    check(value, 0, 0xffffffff);
    const at = this.#attribute(type, bytes);
    this.#view.setUint32(at, value, false);
  }

  /** Two numbers of 32 bits in host order, as a value and its mask are. */
  words(type: number, first: number, second: number): void {
    check(first, 0, 0xffffffff);
    check(second, 0, 0xffffffff);
    const at = this.#attribute(type, 8);
    this.#view.setUint32(at, first, HOST_LITTLE_ENDIAN);
    this.#view.setUint32(at + 4, second, HOST_LITTLE_ENDIAN);
  }

  /** 64 bits in host order. */
  u64(type: number, value: bigint): void {
    check64(value);
    const at = this.#attribute(type, 8);
    this.#view.setBigUint64(at, value, HOST_LITTLE_ENDIAN);
  }

  /** 64 bits in network order. */
  be64(type: number, value: bigint): void {
    check64(value);
    const at = this.#attribute(type, 8);
    this.#view.setBigUint64(at, value, false);
  }

  /** Text with a closing NUL. */
  string(type: number, value: string): void {
    if (value.includes('\0')) throw new RangeError('a netlink string cannot hold a NUL');
    const text = ENCODER.encode(value);
    this.#put(this.#attribute(type, text.length + 1), text);
  }

  bytes(type: number, value: Uint8Array): void {
    this.#put(this.#attribute(type, value.length), value);
  }

  /** An attribute without a value, whose presence says it all. */
  flag(type: number): void {
    this.#attribute(type, 0);
  }

  /** An attribute that holds those that `body` writes. */
  nest(type: number, body: (writer: this) => void): void {
    const start = this.#take(ATTRIBUTE_HEADER_BYTES);
    body(this);
    this.#finish(start, type | NLA_F_NESTED, this.#length - start);
  }

  /** Returns where the value begins; it is all zeros, padding included. */
  #attribute(type: number, bytes: number): number {
    const length = ATTRIBUTE_HEADER_BYTES + bytes;
    const start = this.#take(align(length));
    this.#finish(start, type, length);
    return start + ATTRIBUTE_HEADER_BYTES;
  }

  #finish(start: number, type: number, length: number): void {
    if (length > LONGEST_ATTRIBUTE) throw new RangeError(`an attribute cannot hold ${length} bytes`);
    this.#view.setUint16(start, length, HOST_LITTLE_ENDIAN);
    this.#view.setUint16(start + 2, type, HOST_LITTLE_ENDIAN);
  }

  /** A loop, as most values have a few bytes: calling `set` takes longer than that. */
  #put(at: number, value: Uint8Array): void {
    for (let index = 0; index < value.length; index++) this.#bytes[at + index] = value[index] ?? 0;
  }

  /**
   * Makes room at the end and returns where it begins. It is all zeros: beyond the end always is. Replaces view and bytes where they
   * are too small.
   */
  #take(bytes: number): number {
    const start = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }
}

function check(value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${value} is no whole number from ${least} to ${most}`);
}

function check64(value: bigint): void {
  if (value !== BigInt.asUintN(64, value)) throw new RangeError(`${value} is no number of 64 bits`);
}
