/** What the guest's program `agreement` is told. */
export interface AgreementInput {
  /** Of vipr's director. */
  readonly socket: string;
  readonly seed: number;
  /** How many sequences of packets, in how many rounds; those of a round go side by side. */
  readonly sequences: number;
  readonly rounds: number;
  /** Seconds of the services' persistence. */
  readonly persistence: number;
}

/** What became of it. */
export interface AgreementReport {
  /** Where the directors differ, with what led to it; the first of them. */
  readonly differences: readonly string[];
  /** Packets that were sent to each, and that each sent. */
  readonly arrivals: number;
  readonly departures: number;
  /** Entries of the connection table that were compared, over all lists. */
  readonly entries: number;
}
