import type { Verdict } from '../checker.ts';

/** What a talk does next: it has its verdict, or says something; undefined: it listens. */
export type Turn = Verdict | { readonly say: string } | undefined;

/**
 * One conversation with a server, as a machine that knows nothing of sockets: it hears bytes and says others, until it has a
 * verdict. What it throws ends the conversation: a {@link CheckFailure} with its message as the detail.
 */
export interface Talk {
  /** What it waits for, for the verdict when time is over: `the greeting`. */
  readonly waitingFor: string;
  /** The connection stands. */
  begin(): Turn;
  /** Any number of bytes, at least one, cut anywhere. */
  hear(bytes: Buffer): Turn;
  /** The server sends no more. */
  end(): Verdict;
}

/** Ends an attempt with its message as the detail: an answer against the protocol, or larger than anyone needs, say. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
}

export function good(detail: string): Verdict {
  return { good: true, detail };
}

export function bad(detail: string): Verdict {
  return { good: false, detail };
}
