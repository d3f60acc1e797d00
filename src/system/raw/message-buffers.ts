import { addressOf, recvmsg } from '../libc.ts';
import { SOCKET_ADDRESS_BYTES } from '../socket-address.ts';

/** One control message of cmsg(3). */
export interface ControlMessage {
  readonly level: number;
  readonly type: number;
  /** Valid until the next message is received. */
  readonly data: Uint8Array;
}

/** struct msghdr on 64-bit Linux: where its msg_namelen and msg_controllen are. */
const HEADER_BYTES = 56;
const NAME_LENGTH = 8;
const CONTROL_LENGTH = 40;
/** struct cmsghdr: length, level, type. */
const CONTROL_HEADER_BYTES = 16;

/**
 * What recvmsg(2) writes to. The structures hold addresses of one another, which keep nothing alive: the whole lives as long as this
 * object, and calls come from its methods.
 */
export class MessageBuffers {
  /** The sender's socket address. */
  readonly name = new Uint8Array(new ArrayBuffer(SOCKET_ADDRESS_BYTES));
  readonly data: Uint8Array;
  readonly #control: Uint8Array;
  readonly #vector = new Uint8Array(new ArrayBuffer(16));
  readonly #header = new Uint8Array(new ArrayBuffer(HEADER_BYTES));
  readonly #view = new DataView(this.#header.buffer);

  /** Sizes in bytes; what is longer is cut off. */
  constructor(dataBytes: number, controlBytes: number) {
    this.data = new Uint8Array(new ArrayBuffer(dataBytes));
    this.#control = new Uint8Array(new ArrayBuffer(controlBytes));
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, addressOf(this.data), true);
    vector.setBigUint64(8, BigInt(dataBytes), true);
    this.#view.setBigUint64(0, addressOf(this.name), true);
    this.#view.setBigUint64(16, addressOf(this.#vector), true);
    this.#view.setBigUint64(24, 1n, true);
    this.#view.setBigUint64(32, addressOf(this.#control), true);
  }

  /** recvmsg(2): the bytes of `data` that were written, or -1. */
  receive(fd: number, flags: number): number {
    this.#view.setUint32(NAME_LENGTH, SOCKET_ADDRESS_BYTES, true);
    this.#view.setBigUint64(CONTROL_LENGTH, BigInt(this.#control.length), true);
    return recvmsg(fd, this.#header, flags);
  }

  /** Those that came with the last message, up to one that is cut off. */
  *controls(): Iterable<ControlMessage> {
    const end = Number(this.#view.getBigUint64(CONTROL_LENGTH, true));
    const view = new DataView(this.#control.buffer);
    for (let at = 0; at + CONTROL_HEADER_BYTES <= end; ) {
      const length = Number(view.getBigUint64(at, true));
      if (length < CONTROL_HEADER_BYTES || length > end - at) return;
      const data = this.#control.subarray(at + CONTROL_HEADER_BYTES, at + length);
      yield { level: view.getInt32(at + 8, true), type: view.getInt32(at + 12, true), data };
      at += (length + 7) & ~7;
    }
  }
}
