/**
 * What a benchmark module exports, one a module: `export const ipvsadmStartup: Benchmark = { … }`. It sets up what it
 * needs, checks that the measured thing does what it should before its time counts, runs peers interleaved with it in
 * the same run, and leaves nothing behind, also when it throws.
 */
export interface Benchmark {
  /** kebab-case, as the file is named. */
  readonly name: string;
  /** One sentence: what is measured, against what. */
  readonly description: string;
  run(): Promise<readonly Measurement[]>;
}

/** What a benchmark throws where this machine lacks something that it needs; the message says what, and how to get it. */
export class BenchmarkUnavailable extends Error {
  override readonly name = 'BenchmarkUnavailable';
}

export interface Measurement {
  readonly name: string;
  /** Median of the samples, in `unit`. */
  readonly value: number;
  /** `ms`, `connections/s`, `MB/s` … */
  readonly unit: string;
  /** How many samples there were, and the middle half of them in `unit`. */
  readonly samples: number;
  readonly quartiles: readonly [number, number];
  /** `value` in multiples of the peer's; absent for the peer itself. */
  readonly ratio?: Ratio;
  /** What explains the value, such as the processor time of a request. */
  readonly note?: string;
}

export interface Ratio {
  /** The peer's name. */
  readonly to: string;
  readonly value: number;
  /** The most that the ratio should be, where less is better. */
  readonly limit?: number;
  /** The least that the ratio should be, where more is better. */
  readonly target?: number;
}
