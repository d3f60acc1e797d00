import { type CounterValues, Estimator, NO_COUNTERS } from '../../model/estimator.ts';
import type { Statistics } from '../../model/statistics.ts';

/**
 * Counters that a data plane raises in place, with their rates. Unlike the kernel's, which are those of the estimator's
 * last visit, the counters of a snapshot are of this moment.
 */
export class LiveStatistics implements CounterValues {
  connections = 0;
  inPackets = 0;
  outPackets = 0;
  inBytes = 0;
  outBytes = 0;
  readonly #estimator = new Estimator();
  #zero: CounterValues = NO_COUNTERS;

  /** To be called every ESTIMATION_PERIOD_MS. */
  estimate(): void {
    this.#estimator.visit(this);
  }

  /** What the counters were when they last started from 0. */
  get zeroPoint(): CounterValues {
    return this.#zero;
  }

  /** For counters that lived longer than this object: what they are by now, and what they were when they started from 0. */
  restore(counters: CounterValues, zeroPoint: CounterValues): void {
    this.set(counters);
    this.#zero = zeroPoint;
    this.#estimator.reset(this);
  }

  /** Takes over what was counted elsewhere. */
  set({ connections, inPackets, outPackets, inBytes, outBytes }: CounterValues): void {
    this.connections = connections;
    this.inPackets = inPackets;
    this.outPackets = outPackets;
    this.inBytes = inBytes;
    this.outBytes = outBytes;
  }

  /** Starts counters and rates again from 0 (ip_vs_ctl.c, ip_vs_zero_stats). */
  zero(): void {
    const { connections, inPackets, outPackets, inBytes, outBytes } = this;
    this.#zero = { connections, inPackets, outPackets, inBytes, outBytes };
    this.#estimator.reset(this);
  }

  snapshot(): Statistics {
    const zero = this.#zero;
    return {
      counters: {
        connections: BigInt(this.connections - zero.connections),
        inPackets: BigInt(this.inPackets - zero.inPackets),
        outPackets: BigInt(this.outPackets - zero.outPackets),
        inBytes: BigInt(this.inBytes - zero.inBytes),
        outBytes: BigInt(this.outBytes - zero.outBytes),
      },
      rates: this.#estimator.rates(),
    };
  }
}
