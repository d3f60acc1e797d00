/** 64-bit totals since the start or the last `-Z`. Bytes are counted at the IP level by in-kernel engines. */
export interface Counters {
  readonly connections: bigint;
  readonly inPackets: bigint;
  readonly outPackets: bigint;
  readonly inBytes: bigint;
  readonly outBytes: bigint;
}

/** What IPVS's estimator reports, per second; averages over roughly the last eight seconds. */
export interface Rates {
  readonly connections: bigint;
  readonly inPackets: bigint;
  readonly outPackets: bigint;
  /** Bytes, not bits, per second. */
  readonly inBytes: bigint;
  readonly outBytes: bigint;
}

/** What was counted of a service or destination, and how fast it grows. */
export interface Statistics {
  readonly counters: Counters;
  readonly rates: Rates;
}

const ZERO = { connections: 0n, inPackets: 0n, outPackets: 0n, inBytes: 0n, outBytes: 0n };

export const NO_STATISTICS: Statistics = { counters: ZERO, rates: ZERO };
