/** Where requests go, and the address that they are bound to first. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly from?: string;
}

/** What the client process is told to do. */
export type ClientOrder =
  /** Requests, each on a connection or from a socket of its own, some at a time. */
  | { readonly kind: 'http' | 'dns'; readonly target: Target; readonly requests: number }
  /** Opens a connection that stays, and asks on it. */
  | { readonly kind: 'hold'; readonly target: Target }
  /** Asks on the connection that stays. */
  | { readonly kind: 'ask' }
  /** Ends the connection that stays. */
  | { readonly kind: 'reset' };

/** How many answers each real server gave, and what became of requests that had none. */
export interface Tally {
  readonly answers: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}
