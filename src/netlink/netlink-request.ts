import type { NetlinkMessage } from './message.ts';
import type { NetlinkWriter } from './netlink-writer.ts';

/** One request to the kernel. */
export interface NetlinkRequest {
  /** What errors call it: `RTM_NEWROUTE`. */
  readonly name: string;
  readonly type: number;
  /** Flags besides NLM_F_REQUEST, NLM_F_ACK and NLM_F_DUMP. */
  readonly flags?: number;
  /** Whether it asks for a list (NLM_F_DUMP). */
  readonly dump?: boolean;
  /**
   * Whether the kernel answers it only to refuse everything that goes out with it, as it does with the messages around a batch of nfnetlink.
   */
  readonly unanswered?: boolean;
  /** Writes what comes after the message's header. What it throws becomes the outcome, and nothing is sent. */
  readonly body?: (writer: NetlinkWriter) => void;
  /** Hears each message of the answer; the payload holds only during the call. What it throws becomes the outcome. */
  readonly receive?: (message: NetlinkMessage) => void;
  /** A list starts over, because the table changed meanwhile: what {@link receive} heard so far is void. */
  readonly restart?: () => void;
}

/** What became of a request: undefined where it was done. */
export type NetlinkOutcome = Error | undefined;
