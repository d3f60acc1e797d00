import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Benchmark, Measurement } from './benchmark.ts';
import { formatMeasurements } from './format-measurements.ts';
import { missingPrograms, type ProcessGroup } from './process-group.ts';
import { type Contestant, contestants } from './relay/contestant.ts';
import { type Figure, type Measure, measures } from './relay/measure.ts';
import { startOrigins } from './relay/origin.ts';
import { median, quantile } from './statistics.ts';

const PEERS = ['nginx', 'haproxy', 'wrk', 'iperf3'];
const ROUNDS = 3;
const WORKERS = 2;
/** Lets a proxy finish what the last measure left before the next one starts. */
const PAUSE_MS = 500;

export const relay: Benchmark = {
  name: 'relay',
  description: `The relay engine against nginx's stream module and HAProxy in TCP mode, ${WORKERS} workers each, on loopback.`,
  async run() {
    const missing = missingPrograms(PEERS);
    if (missing.length > 0) {
      const packages = 'nginx-light libnginx-mod-stream haproxy wrk iperf3';
      throw new Error(`${missing.join(', ')} missing: apt-get install --no-install-recommends ${packages}`);
    }
    const directory = mkdtempSync(join(tmpdir(), 'vipr-bench-'));
    const groups: ProcessGroup[] = [];
    try {
      groups.push(...(await startOrigins(directory)));
      const measurements: Measurement[] = [];
      for (const measure of measures) measurements.push(...(await compare(measure, directory)));
      return measurements;
    } finally {
      for (const group of groups.toReversed()) await group.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

/** Takes one measure of every proxy in turn, several rounds; only the one that is measured runs. */
async function compare(measure: Measure, directory: string): Promise<Measurement[]> {
  const figures = new Map<Contestant, Figure[]>(contestants.map((proxy) => [proxy, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [proxy, taken] of figures) {
      const group = await proxy.start(directory, WORKERS);
      try {
        await delay(PAUSE_MS);
        taken.push(await measure.take(proxy, group));
      } finally {
        await group.stop();
      }
    }
  }
  const [peer] = contestants;
  const base = median((peer && figures.get(peer))?.map(({ value }) => value) ?? []);
  return [...figures].map(([proxy, taken]) =>
    summary(measure, proxy, taken, proxy === peer ? undefined : base),
  );
}

function summary(
  measure: Measure,
  proxy: Contestant,
  figures: readonly Figure[],
  base: number | undefined,
): Measurement {
  const values = figures.map(({ value }) => value);
  const value = median(values);
  const target = proxy.name === 'vipr' ? measure.target : undefined;
  return {
    name: `${measure.name}: ${proxy.name}`,
    value,
    unit: measure.unit,
    samples: values.length,
    quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
    ...(base !== undefined && { ratio: { to: 'nginx', value: value / base, ...(target && { target }) } }),
    ...(measure.work !== undefined && { note: processorTime(measure.work, figures) }),
  };
}

function processorTime(work: string, figures: readonly Figure[]): string {
  const user = median(figures.map(({ userMicroseconds = Number.NaN }) => userMicroseconds));
  const system = median(figures.map(({ systemMicroseconds = Number.NaN }) => systemMicroseconds));
  return `processor time of the proxy for each ${work}: ${user.toFixed(1)} µs user, ${system.toFixed(1)} µs system`;
}

if (import.meta.main) {
  console.log(relay.description);
  process.stdout.write(formatMeasurements(await relay.run()));
}
