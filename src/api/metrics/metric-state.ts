import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { type ServiceKey, serviceKey } from '../../model/service.ts';
import { type Counters, NO_STATISTICS } from '../../model/statistics.ts';
import type { TableSnapshot } from '../../model/table.ts';
import {
  type DirectorEvent,
  EVENT_KINDS,
  type EventKind,
  type OperatedDirector,
} from '../operated-director.ts';

/** Seconds. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Milliseconds between looks at how late the event loop is; each wakes the process. */
const LAG_PRECISION = 100;
/** Gauges that are named like counters, and what `active_resources` tells too. */
const LEFT_OUT = ['handles', 'handles_total', 'requests', 'requests_total', 'resources_total'];
const COUNTER_NAMES = ['connections', 'inPackets', 'outPackets', 'inBytes', 'outBytes'] as const;

/** What metrics hear of a director. */
type MetricDirector = Pick<OperatedDirector, 'events' | 'onEvent' | 'onAttempt'>;

const states = new WeakMap<object, MetricState>();

/** What metrics need to remember of a director from scrape to scrape, whichever server it is asked by. */
export function metricStateOf(director: MetricDirector): MetricState {
  const known = states.get(director);
  if (known !== undefined) return known;
  const state = new MetricState(director);
  states.set(director, state);
  return state;
}

export class MetricState {
  readonly eventCounts = new Map<EventKind, number>(EVENT_KINDS.map((kind) => [kind, 0]));
  /** Of the checks. */
  readonly checks = new Registry();
  readonly #latency = new Histogram({
    name: 'vipr_check_latency_seconds',
    help: 'How long attempts of checks took; a check that services share counts once.',
    labelNames: ['kind'],
    buckets: LATENCY_BUCKETS,
    registers: [this.checks],
  });
  #process: Registry | undefined;
  #totals: Counters = NO_STATISTICS.counters;
  #last = new Map<ServiceKey, Counters>();

  constructor(director: MetricDirector) {
    const count = ({ kind }: DirectorEvent) => {
      this.eventCounts.set(kind, (this.eventCounts.get(kind) ?? 0) + 1);
    };
    for (const event of director.events(0)) count(event);
    director.onEvent(count);
    director.onAttempt(({ kind, latency }) => this.#latency.observe({ kind }, latency / 1000));
  }

  /** Of the process; they are measured from the first scrape on. */
  get process(): Registry {
    if (this.#process === undefined) {
      this.#process = new Registry();
      collectDefaultMetrics({
        register: this.#process,
        prefix: 'vipr_',
        eventLoopMonitoringPrecision: LAG_PRECISION,
      });
      for (const name of LEFT_OUT) this.#process.removeSingleMetric(`vipr_nodejs_active_${name}`);
    }
    return this.#process;
  }

  /** Totals that never fall: what a service counted stays when it goes, and when its counters are set to 0. */
  addUp({ services }: TableSnapshot): Counters {
    const sum = { ...this.#totals };
    const last = new Map<ServiceKey, Counters>();
    for (const { id, statistics } of services) {
      const key = serviceKey(id);
      const before = this.#last.get(key);
      last.set(key, statistics.counters);
      for (const name of COUNTER_NAMES) {
        const now = statistics.counters[name];
        const then = before?.[name] ?? 0n;
        sum[name] += now >= then ? now - then : now;
      }
    }
    this.#last = last;
    this.#totals = sum;
    return sum;
  }
}
