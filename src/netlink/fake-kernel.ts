import { EBADF, EBUSY, ENOBUFS, EOPNOTSUPP } from '../system/constants.ts';
import { SystemCallError } from '../system/system-call-error.ts';
import { align, type ByteRange } from './byte-range.ts';
import {
  decodeMessages,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './message.ts';
import type { NetlinkTransport } from './netlink-transport.ts';
import { NetlinkWriter } from './netlink-writer.ts';

/** A request as the fake kernel's handler gets it. */
export interface FakeRequest {
  readonly type: number;
  readonly flags: number;
  /** Whether a list is asked for. */
  readonly dump: boolean;
  readonly payload: ByteRange;
}

export interface FakeMessage {
  readonly type: number;
  readonly flags?: number;
  readonly body?: (writer: NetlinkWriter) => void;
}

/** What the handler answers: messages, or an error as a positive errno. */
export interface FakeAnswer {
  readonly messages?: readonly FakeMessage[];
  readonly errno?: number;
  /** The words of an extended acknowledgement. */
  readonly kernelMessage?: string;
  /** The place of the attribute at fault. */
  readonly offset?: number;
}

/** Faults that are still to happen, each as a count that goes down. */
export interface FakeFaults {
  /** Lists that change while they are listed. */
  interruptLists: number;
  /** Datagrams to the program whose messages carry a sequence number of nobody. */
  misnumber: number;
  /** Datagrams to the program that lose their last bytes. */
  cut: number;
  /** Datagrams to the program that get lost without a trace. */
  drop: number;
  /** Datagrams to the program that get lost for want of buffer: the next look fails with ENOBUFS. */
  overrun: number;
  /** Datagrams to the program that come twice. */
  repeat: number;
}

/** Datagrams that a program takes at once, as a socket's do. */
const DATAGRAMS_AT_ONCE = 32;

/**
 * A stand-in for the kernel, for tests of programs that speak netlink: requests go to a handler, and answers come back as
 * the kernel frames them. It keeps the kernel's habits that programs trip over: one list at a time, NLMSG_DONE in a datagram
 * of its own, requests without their body repeated in acknowledgements.
 */
export class FakeKernel {
  readonly faults: FakeFaults = {
    interruptLists: 0,
    misnumber: 0,
    cut: 0,
    drop: 0,
    overrun: 0,
    repeat: 0,
  };
  /** The datagrams that programs sent, as copies. */
  readonly received: Uint8Array[] = [];
  /** Messages that a list puts into one datagram. */
  messagesPerDatagram = 32;
  readonly #handle: (request: FakeRequest) => FakeAnswer | undefined;
  readonly #sockets = new Set<FakeSocket>();

  /** @param handle answers a request, or returns undefined for one that is not supported */
  constructor(handle: (request: FakeRequest) => FakeAnswer | undefined) {
    this.#handle = handle;
  }

  /** A socket to this kernel; it hears every {@link notify}. */
  open(): NetlinkTransport {
    const socket = new FakeSocket(this, () => this.#sockets.delete(socket));
    this.#sockets.add(socket);
    return socket;
  }

  /** Sockets that were opened and not closed. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** Sends a multicast message to every open socket. */
  notify(message: FakeMessage): void {
    const writer = new NetlinkWriter();
    writer.message({ type: message.type, flags: message.flags ?? 0, sequence: 0 }, message.body);
    for (const socket of this.#sockets) socket.put(writer.datagram().slice());
  }

  /** The answer to one request of a socket, as datagrams; for the sockets' use. */
  answer(
    message: NetlinkMessage,
    listing: boolean,
  ): { readonly datagrams: Uint8Array[]; readonly list: boolean } {
    const dump = (message.flags & NLM_F_DUMP) === NLM_F_DUMP;
    if (dump && listing) return { datagrams: [acknowledge(message, { errno: EBUSY })], list: false };
    const { type, flags, payload } = message;
    const answer = this.#handle({ type, flags, dump, payload }) ?? { errno: EOPNOTSUPP };
    if (dump && answer.errno === undefined) {
      return { datagrams: this.#list(message, answer.messages ?? []), list: true };
    }
    const datagrams = (answer.messages ?? []).map((reply) => frame(message, [reply], 0));
    const wanted = (flags & NLM_F_ACK) !== 0 || (answer.errno ?? 0) !== 0;
    return { datagrams: wanted ? [...datagrams, acknowledge(message, answer)] : datagrams, list: false };
  }

  #list(request: NetlinkMessage, messages: readonly FakeMessage[]): Uint8Array[] {
    const marked = this.faults.interruptLists > 0 ? NLM_F_DUMP_INTR : 0;
    if (marked !== 0) this.faults.interruptLists -= 1;
    const datagrams: Uint8Array[] = [];
    for (let at = 0; at < messages.length; at += this.messagesPerDatagram) {
      const some = messages.slice(at, at + this.messagesPerDatagram);
      datagrams.push(frame(request, some, NLM_F_MULTI | marked));
    }
    const done = { type: NLMSG_DONE, body: (writer: NetlinkWriter) => writer.header(new Uint8Array(4)) };
    return [...datagrams, frame(request, [done], NLM_F_MULTI | marked)];
  }
}

/** One program's end. */
class FakeSocket implements NetlinkTransport {
  readonly #kernel: FakeKernel;
  readonly #left: () => void;
  readonly #queue: { readonly datagram: Uint8Array; readonly endsList: boolean }[] = [];
  #listing = false;
  #lost = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(kernel: FakeKernel, left: () => void) {
    this.#kernel = kernel;
    this.#left = left;
  }

  send(datagram: Uint8Array): void {
    if (this.#closed) throw new SystemCallError('send', EBADF);
    const copy = datagram.slice();
    this.#kernel.received.push(copy);
    for (const message of decodeMessages(copy)) {
      const { datagrams, list } = this.#kernel.answer(message, this.#listing);
      if (list) this.#listing = true;
      datagrams.forEach((answer, index) => {
        this.put(answer, list && index === datagrams.length - 1);
      });
    }
  }

  receive(): readonly Uint8Array[] {
    if (this.#lost) {
      this.#lost = false;
      throw new SystemCallError('recvmmsg', ENOBUFS);
    }
    const taken = this.#queue.splice(0, DATAGRAMS_AT_ONCE);
    if (taken.some(({ endsList }) => endsList)) this.#listing = false;
    return taken.map(({ datagram }) => datagram);
  }

  readable(milliseconds?: number): Promise<void> {
    if (this.#closed || this.#lost || this.#queue.length > 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#left();
    this.#wake?.();
  }

  put(datagram: Uint8Array, endsList = false): void {
    const { faults } = this.#kernel;
    const happens = (fault: keyof FakeFaults): boolean => {
      if (faults[fault] === 0) return false;
      faults[fault] -= 1;
      return true;
    };
    if (happens('overrun')) this.#lost = true;
    else if (happens('drop')) this.#listing &&= !endsList;
    else {
      if (happens('misnumber')) misnumber(datagram);
      const sent = happens('cut') ? datagram.subarray(0, datagram.length - 3) : datagram;
      this.#queue.push({ datagram: sent, endsList });
      if (happens('repeat')) this.#queue.push({ datagram: sent, endsList });
    }
    this.#wake?.();
  }
}

function frame(request: NetlinkMessage, messages: readonly FakeMessage[], flags: number): Uint8Array {
  const writer = new NetlinkWriter();
  const { sequence, portId } = request;
  for (const message of messages) {
    const { type, body } = message;
    writer.message({ type, flags: flags | (message.flags ?? 0), sequence, portId }, body);
  }
  return writer.datagram().slice();
}

function acknowledge(request: NetlinkMessage, answer: FakeAnswer): Uint8Array {
  const { errno = 0, kernelMessage, offset } = answer;
  const extended = kernelMessage !== undefined || offset !== undefined;
  const message = {
    type: NLMSG_ERROR,
    flags: NLM_F_CAPPED | (extended ? NLM_F_ACK_TLVS : 0),
    body: (writer: NetlinkWriter) => {
      const { view, start, end } = request.payload;
      const fixed = new Uint8Array(20);
      new DataView(fixed.buffer).setInt32(0, -errno, true);
      fixed.set(new Uint8Array(view.buffer, view.byteOffset + start - 16, 16), 4);
      new DataView(fixed.buffer).setUint32(4, align(end - start + 16), true);
      writer.header(fixed);
      if (kernelMessage !== undefined) writer.string(1, kernelMessage);
      if (offset !== undefined) writer.u32(2, offset);
    },
  };
  return frame(request, [message], 0);
}

function misnumber(datagram: Uint8Array): void {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at + 16 <= datagram.length; at += align(view.getUint32(at, true))) {
    view.setUint32(at + 8, (view.getUint32(at + 8, true) ^ 0x40000000) >>> 0, true);
  }
}
