import type { Counters, Rates, Statistics } from '../../model/statistics.ts';

/** What passes in a second. */
export interface Traffic {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

const NAMES = ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const;

/**
 * What passed in a second between two looks at the counters, `seconds` apart. Where there was none before, it is what the engine's own
 * estimator says. Counters that were set back, as `ipvsadm -Z` does, count as standing still.
 */
export function trafficBetween(before: Counters | undefined, after: Statistics, seconds: number): Traffic {
  if (before === undefined || seconds <= 0) return trafficOf((name) => Number(after.rates[name]));
  return trafficOf((name) => Math.max(0, Number(after.counters[name] - before[name])) / seconds);
}

export function sumOfTraffic(all: readonly Traffic[]): Traffic {
  return trafficOf((name) => all.reduce((sum, each) => sum + each[name], 0));
}

function trafficOf(value: (name: keyof Rates) => number): Traffic {
  const [connections = 0, inPackets = 0, outPackets = 0, inBytes = 0, outBytes = 0] = NAMES.map(value);
  return { connections, inPackets, outPackets, inBytes, outBytes };
}
