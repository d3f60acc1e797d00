import type { Rates } from './statistics.ts';

/** Running totals as plain numbers (exact to 2^53), for counters that change with every packet. */
export interface CounterValues {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

export const NO_COUNTERS: CounterValues = {
  connections: 0,
  inPackets: 0,
  outPackets: 0,
  inBytes: 0,
  outBytes: 0,
};

/** Time between two visits of the estimator (ip_vs.h, IPVS_EST_NTICKS ticks). */
export const ESTIMATION_PERIOD_MS = 2000;

/**
 * IPVS's rate estimator (ip_vs_est.c, ip_vs_chain_estimation): an exponential average of what each period of
 * {@link ESTIMATION_PERIOD_MS} added, a quarter of it new, in the kernel's own integer arithmetic.
 */
export class Estimator {
  readonly #connections = new Average(COUNT_GAIN);
  readonly #inPackets = new Average(COUNT_GAIN);
  readonly #outPackets = new Average(COUNT_GAIN);
  readonly #inBytes = new Average(BYTE_GAIN);
  readonly #outBytes = new Average(BYTE_GAIN);

  /** To be called once every period with the totals so far. */
  visit(totals: CounterValues): void {
    this.#connections.visit(totals.connections);
    this.#inPackets.visit(totals.inPackets);
    this.#outPackets.visit(totals.outPackets);
    this.#inBytes.visit(totals.inBytes);
    this.#outBytes.visit(totals.outBytes);
  }

  /** Forgets every average; what the totals hold by now will not count as news (ip_vs_zero_estimator). */
  reset(totals: CounterValues): void {
    this.#connections.reset(totals.connections);
    this.#inPackets.reset(totals.inPackets);
    this.#outPackets.reset(totals.outPackets);
    this.#inBytes.reset(totals.inBytes);
    this.#outBytes.reset(totals.outBytes);
  }

  /** Averages per second (ip_vs_read_estimator). */
  rates(): Rates {
    return {
      connections: this.#connections.perSecond(),
      inPackets: this.#inPackets.perSecond(),
      outPackets: this.#outPackets.perSecond(),
      inBytes: this.#inBytes.perSecond(),
      outBytes: this.#outBytes.perSecond(),
    };
  }
}

// Averages are kept scaled by 2^10 for counts and 2^5 for bytes; the gain is half of that, as a period is two seconds.
const COUNT_GAIN = 512;
const BYTE_GAIN = 16;

class Average {
  readonly #gain: number;
  #seen = 0;
  #scaled = 0;

  constructor(gain: number) {
    this.#gain = gain;
  }

  visit(total: number): void {
    const sample = (total - this.#seen) * this.#gain;
    this.#seen = total;
    // Rounds towards minus infinity, as the kernel's arithmetic shift by two does.
    this.#scaled += Math.floor((sample - this.#scaled) / 4);
  }

  reset(total: number): void {
    this.#seen = total;
    this.#scaled = 0;
  }

  perSecond(): bigint {
    return BigInt(Math.floor((this.#scaled + this.#gain - 1) / (2 * this.#gain)));
  }
}
