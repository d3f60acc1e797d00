import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Benchmark, Measurement } from './benchmark.ts';
import { formatMeasurements } from './format-measurements.ts';
import type { CheckFigures, CheckLoad } from './health/check-load.ts';
import { median, quantile } from './statistics.ts';

const CHECKS = 5000;
const INTERVAL_MS = 2000;
/** Each has ephemeral ports of its own, so that those of closed connections do not run out. */
const LISTENERS = 50;
const ROUNDS = 3;
const WARMUP_MS = 5000;
const MEASURED_MS = 10_000;
/** Cores. */
const CPU_LIMIT = 0.5;
/** Of the connections that a measured time begins with, the answers of the last round may be missing. */
const FEWEST = 0.97;

const LISTEN = new URL('health/listeners.ts', import.meta.url).pathname;
const CHECK = new URL('health/run-checks.ts', import.meta.url).pathname;

export const healthChecks: Benchmark = {
  name: 'health-checks',
  description: `${CHECKS} TCP checks every ${INTERVAL_MS / 1000} s on loopback, by the health monitor and by a bare loop of net.connect.`,
  async run() {
    const listeners = fork(LISTEN, [String(LISTENERS)]);
    try {
      const [endpoints] = (await once(listeners, 'message')) as [string[]];
      const taken: Record<CheckLoad['who'], CheckFigures[]> = { vipr: [], loop: [] };
      for (let round = 0; round < ROUNDS; round++) {
        for (const who of ['loop', 'vipr'] as const) taken[who].push(await check(who, endpoints));
      }
      return report(taken);
    } finally {
      listeners.kill();
    }
  },
};

async function check(who: CheckLoad['who'], endpoints: readonly string[]): Promise<CheckFigures> {
  const load: CheckLoad = {
    who,
    endpoints,
    checks: CHECKS,
    interval: INTERVAL_MS,
    warmup: WARMUP_MS,
    measured: MEASURED_MS,
  };
  const child: ChildProcess = fork(CHECK, [JSON.stringify(load)]);
  try {
    const [figures] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => Promise.reject(new Error(`the process that checks ended: ${who}`))),
    ])) as [CheckFigures];
    if (figures.failures > 0) throw new Error(`${who}: ${figures.failures} checks found no listener`);
    const fewest = (FEWEST * CHECKS * 1000) / INTERVAL_MS;
    if (figures.checksPerSecond < fewest) {
      throw new Error(`${who}: only ${figures.checksPerSecond.toFixed()} checks a second, below ${fewest}`);
    }
    return figures;
  } finally {
    child.kill();
  }
}

function report(taken: Readonly<Record<CheckLoad['who'], readonly CheckFigures[]>>): Measurement[] {
  const figure = (
    name: string,
    unit: string,
    value: (figures: CheckFigures) => number,
  ): { readonly vipr: Measurement; readonly loop: Measurement } => {
    const of = (who: CheckLoad['who']): Measurement => {
      const values = taken[who].map(value);
      return {
        name: `${name}: ${who}`,
        value: median(values),
        unit,
        samples: values.length,
        quartiles: [quantile(values, 0.25), quantile(values, 0.75)],
      };
    };
    return { vipr: of('vipr'), loop: of('loop') };
  };
  const cpu = figure('processor time', '% of a core', (figures) => 100 * figures.cpu);
  const others = [
    figure('checks', '/s', ({ checksPerSecond }) => checksPerSecond),
    figure('lateness, p99', 'ms', ({ lateness }) => lateness),
    figure('memory', 'MB', ({ memory }) => memory / 1e6),
  ];
  return [
    cpu.loop,
    { ...cpu.vipr, ratio: { to: 'the loop', value: cpu.vipr.value / cpu.loop.value } },
    {
      ...cpu.vipr,
      name: 'processor time against the limit',
      ratio: { to: 'a core', value: cpu.vipr.value / 100, limit: CPU_LIMIT },
    },
    ...others.flatMap(({ loop, vipr }) => [
      loop,
      { ...vipr, ratio: { to: 'the loop', value: vipr.value / loop.value } },
    ]),
  ];
}

if (import.meta.main) {
  console.log(healthChecks.description);
  process.stdout.write(formatMeasurements(await healthChecks.run()));
}
