/** What a process that checks is asked for. */
export interface CheckLoad {
  /** `vipr`: the health monitor; `loop`: net.connect on a timer for each check, and nothing else. */
  readonly who: 'vipr' | 'loop';
  /** `ADDRESS:PORT`, taken in turn. */
  readonly endpoints: readonly string[];
  readonly checks: number;
  /** Milliseconds. */
  readonly interval: number;
  readonly warmup: number;
  readonly measured: number;
}

/** What it has measured. */
export interface CheckFigures {
  /** Share of one core, 0 to 1. */
  readonly cpu: number;
  readonly checksPerSecond: number;
  /** How late rounds started after their plan, 99th percentile, in milliseconds. */
  readonly lateness: number;
  /** Resident memory in bytes. */
  readonly memory: number;
  /** Attempts that did not find the listener. */
  readonly failures: number;
}
