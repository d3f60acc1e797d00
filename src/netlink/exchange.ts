import { type Acknowledgement, decodeAcknowledgement } from './acknowledgement.ts';
import {
  decodeMessages,
  type NetlinkMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  NLMSG_OVERRUN,
} from './message.ts';
import { NetlinkError, refused } from './netlink-error.ts';
import type { NetlinkOutcome, NetlinkRequest } from './netlink-request.ts';
import type { NetlinkWriter } from './netlink-writer.ts';

/** Requests that go out at once: their acknowledgements must fit the receive buffer, 212992 bytes by default. */
const MOST_REQUESTS = 128;
/** Bytes that go out at once, but for a larger last request; a send buffer holds 212992 by default. */
const MOST_BYTES = 65536;

interface Slot {
  readonly request: NetlinkRequest;
  /** Whether the kernel says nothing where it is done. */
  silent: boolean;
  open: boolean;
  outcome: NetlinkOutcome;
}

/**
 * Requests that go out in one datagram, and what has come back of them: one list, or any number of other requests.
 *
 * The kernel takes the requests of a datagram one after another and always reports a failure (af_netlink.c, netlink_rcv_skb). So
 * only the last one asks for an acknowledgement: an answer says that what went before it, and was not heard of, is done.
 */
export class Exchange {
  readonly #writer: NetlinkWriter;
  readonly #firstSequence: number;
  readonly #slots: Slot[] = [];
  #open = 0;
  #list = false;
  #interrupted = false;
  /** Where the last request begins that was written, if it is silent. */
  #lastSilent: number | undefined;
  /** Before this one none is open and silent. */
  #heardOf = 0;
  #doubtful = false;

  constructor(writer: NetlinkWriter, firstSequence: number) {
    this.#writer = writer;
    this.#writer.truncate(0);
    this.#firstSequence = firstSequence;
  }

  /** How many requests it took. */
  get size(): number {
    return this.#slots.length;
  }

  /** How many answers are still to come. */
  get open(): number {
    return this.#open;
  }

  /** Whether the table changed while it was listed. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /** What is to be sent; nothing can be added any more. */
  seal(): Uint8Array {
    if (this.#lastSilent !== undefined) this.#writer.addFlags(this.#lastSilent, NLM_F_ACK);
    return this.#writer.datagram();
  }

  /** One for each request, in their order. */
  get outcomes(): readonly NetlinkOutcome[] {
    return this.#slots.map((slot) => slot.outcome);
  }

  /** Adds a request, or returns false where it has to wait for the next exchange. */
  take(request: NetlinkRequest): boolean {
    const full = this.size >= MOST_REQUESTS || this.#writer.length >= MOST_BYTES;
    if (this.size > 0 && (full || this.#list || request.dump)) return false;
    this.#slots.push(this.#write(request));
    this.#list = request.dump === true;
    return true;
  }

  /** Takes what a datagram answers; messages that answer none of its requests are passed over. */
  deliver(datagram: Uint8Array): void {
    for (const message of decodeMessages(datagram)) {
      if (message.type === NLMSG_OVERRUN) throw new NetlinkError('overrun', 'the kernel lost messages');
      const index = (message.sequence - this.#firstSequence) >>> 0;
      const slot = this.#slots[index];
      if (slot?.request.unanswered && message.type === NLMSG_ERROR) {
        const outcome = refusal(decodeAcknowledgement(message), slot.request);
        if (outcome !== undefined) this.fail(outcome);
      }
      if (!slot?.open || message.type === NLMSG_NOOP) continue;
      if (!this.#doubtful) this.#reached(index);
      this.#answer(slot, message);
    }
  }

  /** The kernel is at this request: of those before it there is nothing more to come. */
  #reached(index: number): void {
    for (; this.#heardOf < index; this.#heardOf++) {
      const slot = this.#slots[this.#heardOf];
      if (slot?.open && slot.silent) this.#settle(slot, undefined);
    }
  }

  /** Answers may have got lost: from now on, that nothing was heard of a request says nothing. */
  doubt(): void {
    this.#doubtful = true;
  }

  /** Ends every request that has no answer yet. */
  fail(cause: unknown): void {
    for (const slot of this.#slots) {
      if (slot.open) this.#settle(slot, failure(cause, slot.request));
    }
  }

  #write(request: NetlinkRequest): Slot {
    const { type, flags = 0, dump, body, unanswered = false } = request;
    const length = this.#writer.length;
    const silent = !dump && !unanswered && request.receive === undefined;
    const header = {
      type,
      flags: NLM_F_REQUEST | (dump ? NLM_F_DUMP : silent || unanswered ? 0 : NLM_F_ACK) | flags,
      sequence: (this.#firstSequence + this.size) >>> 0,
    };
    try {
      this.#writer.message(header, body);
    } catch (error) {
      this.#writer.truncate(length);
      return { request, silent, open: false, outcome: asError(error) };
    }
    if (unanswered) return { request, silent, open: false, outcome: undefined };
    this.#open += 1;
    this.#lastSilent = silent ? length : undefined;
    return { request, silent, open: true, outcome: undefined };
  }

  #answer(slot: Slot, message: NetlinkMessage): void {
    const { request } = slot;
    if ((message.flags & NLM_F_DUMP_INTR) !== 0 && request.dump) this.#interrupted = true;
    // Only a list ends with NLMSG_DONE; the acknowledgement of other requests is still to come.
    if (message.type === NLMSG_ERROR || (message.type === NLMSG_DONE && request.dump)) {
      this.#settle(slot, refusal(decodeAcknowledgement(message), request));
    } else if (message.type !== NLMSG_DONE && slot.outcome === undefined) {
      slot.outcome = hear(request, message);
    }
  }

  #settle(slot: Slot, outcome: NetlinkOutcome): void {
    slot.open = false;
    slot.outcome ??= outcome;
    this.#open -= 1;
  }
}

function refusal(
  { errno, kernelMessage, offset }: Acknowledgement,
  { name }: NetlinkRequest,
): NetlinkOutcome {
  return errno === 0 ? undefined : refused(errno, { request: name, kernelMessage, offset });
}

function hear(request: NetlinkRequest, message: NetlinkMessage): NetlinkOutcome {
  try {
    request.receive?.(message);
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

/** A failure of the whole connection, told of one request. */
function failure(cause: unknown, { name }: NetlinkRequest): Error {
  if (!(cause instanceof NetlinkError)) return asError(cause);
  return new NetlinkError(cause.kind, cause.message, { errno: cause.errno, request: name, cause });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
