import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Check } from '../model/check.ts';
import { type Destination, destinationKey } from '../model/destination.ts';
import type { DestinationMonitoring, Monitoring, ServiceMonitoring } from '../model/monitoring.ts';
import { type Service, serviceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import type { Milliseconds, Port } from '../model/unit.ts';
import type { Verdict } from './checker.ts';
import { MonitorBench } from './testing/monitor-bench.ts';
import { ReferenceMonitor } from './testing/reference-monitor.ts';
import {
  numberedDestination,
  sampleCheck,
  sampleDestinationMonitoring,
  sampleService,
  sampleTable,
} from './testing/sample-monitoring.ts';
import { BAD, GOOD, type ScriptedAnswer } from './testing/scripted-checker.ts';

/** So far from one another that the round of one check is over when that of the next one begins. */
const GAP = 10_000;
/** More checks than any table here has. */
const MOST_CHECKS = 40;
const ROUND = GAP * MOST_CHECKS;

const check = fc
  .record({
    port: fc.constantFrom(1, 2),
    rise: fc.integer({ min: 1, max: 3 }),
    fall: fc.integer({ min: 1, max: 3 }),
    retry: fc.integer({ min: 0, max: 2 }),
    alpha: fc.boolean(),
  })
  .map(({ port, ...timing }): Check => {
    const times = { interval: ROUND as Milliseconds, warmup: ROUND as Milliseconds };
    return { ...sampleCheck({ ...timing, ...times }), endpoint: { port: port as Port } };
  });

const watchedDestination = fc.record({
  checks: fc.uniqueArray(check, { maxLength: 2, selector: ({ endpoint }) => endpoint.port }),
  inhibitOnFailure: fc.boolean(),
});

const number = fc.integer({ min: 1, max: 4 });
const destination = fc
  .tuple(number, fc.integer({ min: 0, max: 4 }))
  .map(([host, weight]) => numberedDestination(host, weight));

const sorryServer = fc.record({
  destination: fc.oneof(destination, fc.constant(numberedDestination(99))),
  inhibit: fc.boolean(),
});

function watchedService(host: number): fc.Arbitrary<readonly [Service, ServiceMonitoring]> {
  return fc
    .record({
      destinations: fc.uniqueArray(fc.tuple(destination, watchedDestination), {
        maxLength: 4,
        selector: ([each]) => each.address,
      }),
      quorum: fc.integer({ min: 1, max: 6 }),
      hysteresis: fc.integer({ min: 0, max: 5 }),
      alpha: fc.boolean(),
      omega: fc.boolean(),
      sorry: fc.option(sorryServer, { nil: undefined }),
    })
    .map(({ destinations, quorum, hysteresis, alpha, omega, sorry }) => [
      sampleService(
        host,
        destinations.map(([each]) => each),
      ),
      {
        quorum,
        hysteresis: Math.min(hysteresis, quorum - 1),
        alpha,
        omega,
        ...(sorry && { sorryServer: sorry }),
        destinations: new Map(
          destinations.map(
            ([each, monitoring]): [ReturnType<typeof destinationKey>, DestinationMonitoring] => [
              destinationKey(each),
              sampleDestinationMonitoring(monitoring),
            ],
          ),
        ),
      },
    ]);
}

const configuration = fc
  .tuple(watchedService(1), watchedService(2), fc.integer({ min: 0, max: 3 }))
  .map(([one, two, which]) =>
    sampleTable(...(which === 0 ? [one] : which === 1 ? [two] : which === 2 ? [one, two] : [])),
  );

const answer = fc.oneof(
  { weight: 4, arbitrary: fc.constant<ScriptedAnswer>(GOOD) },
  { weight: 4, arbitrary: fc.constant<ScriptedAnswer>(BAD) },
  { weight: 1, arbitrary: fc.constant<ScriptedAnswer>('silent') },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.integer({ min: 0, max: 9 }).map((set) => ({ set })),
        fc.integer({ min: -9, max: 9 }).map((add) => ({ add })),
      )
      .map((weight): ScriptedAnswer => ({ good: true, detail: 'weighed', weight })),
  },
);

/** What some checks, as the scripted checker names them, answer from now on. */
const answers = fc.array(fc.tuple(number, fc.constantFrom(1, 2), answer), { maxLength: 4 });

function script(bench: MonitorBench, changes: readonly (readonly [number, number, ScriptedAnswer])[]): void {
  for (const [host, port, what] of changes) bench.checker.answers.set(`10.0.0.${host}:80/${port}`, what);
}

/** A bench whose checks begin one {@link GAP} after the other. */
function spreadBench(): MonitorBench {
  let begun = 0;
  return new MonitorBench(() => ((begun++ % MOST_CHECKS) + 0.5) / MOST_CHECKS);
}

/** The different checks of a configuration, in the order in which the monitor comes upon them. */
function checksOf([table, monitoring]: readonly [Table, Monitoring]): (readonly [Check, Destination])[] {
  const found = new Map<string, readonly [Check, Destination]>();
  for (const service of table.services) {
    for (const each of service.destinations) {
      const watched = monitoring.get(serviceKey(service.id))?.destinations.get(destinationKey(each));
      for (const one of watched?.checks ?? []) {
        const key = JSON.stringify([destinationKey(each), one]);
        if (!found.has(key)) found.set(key, [one, each]);
      }
    }
  }
  return [...found.values()];
}

function verdictOf(bench: MonitorBench, [one, each]: readonly [Check, Destination]): Verdict {
  const found = bench.checker.answers.get(`${destinationKey(each)}/${one.endpoint.port}`) ?? GOOD;
  return typeof found === 'object' ? found : BAD;
}

describe('the health monitor with chance', () => {
  it('tells and makes what a slow reference does', async () => {
    await fc.assert(
      fc.asyncProperty(configuration, fc.array(answers, { maxLength: 12 }), async (configured, rounds) => {
        const bench = spreadBench();
        bench.watch(configured);
        const reference = new ReferenceMonitor(...configured);
        assert.deepEqual(bench.told(), reference.told());
        const checks = checksOf(configured);
        for (const round of rounds) {
          script(bench, round);
          for (const each of checks) {
            const before = configured[0].services.map((service) => reference.effective(service));
            reference.round(...each, verdictOf(bench, each));
            await bench.clock.advance(GAP);
            assert.deepEqual(bench.told(), reference.told());
            for (const [index, service] of configured[0].services.entries()) {
              const now = reference.effective(service);
              assert.deepEqual(bench.effective(service), now);
              const told = bench.changes.includes(serviceKey(service.id));
              assert.ok(told || now.join() === before[index]?.join(), 'a change that was not told');
            }
            bench.changes.length = 0;
          }
          await bench.clock.advance(ROUND - GAP * checks.length);
        }
        await bench.monitor.close();
        assert.equal(bench.clock.waiting, 0);
        assert.equal(bench.checker.running, 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('never tells twice in a row what is so already, whatever configurations come', async () => {
    const step = fc.oneof(
      { weight: 1, arbitrary: configuration.map((configured) => ({ configured })) },
      { weight: 3, arbitrary: answers.map((changes) => ({ changes })) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const bench = spreadBench();
        const last = new Map<string, string>();
        for (const next of steps) {
          if ('configured' in next) {
            bench.watch(next.configured);
            const kept = subjectsOf(next.configured[0]);
            // What is watched anew begins anew.
            for (const subject of last.keys()) if (!kept.has(subject)) last.delete(subject);
          } else {
            script(bench, next.changes);
            await bench.clock.advance(ROUND);
          }
          for (const event of bench.events.splice(0)) {
            if (!('state' in event)) continue;
            const subject = `${event.kind}|${event.service}|${'destination' in event ? event.destination : ''}`;
            assert.notEqual(last.get(subject), event.state, event.text);
            last.set(subject, event.state);
          }
          await bench.clock.advance(0);
          assert.ok(bench.checker.running <= checksOf(lastConfiguration(steps, next)).length);
        }
        bench.watch(sampleTable());
        await bench.clock.advance(GAP);
        assert.equal(bench.clock.waiting, 0);
        assert.equal(bench.checker.running, 0);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Whom events can be about. */
function subjectsOf({ services }: Table): Set<string> {
  return new Set(
    services.flatMap(({ id, destinations }) => [
      `quorum|${serviceKey(id)}|`,
      ...destinations.map((each) => `destination|${serviceKey(id)}|${destinationKey(each)}`),
      ...[1, 2, 3, 4, 99].map((host) => `sorry-server|${serviceKey(id)}|10.0.0.${host}:80`),
    ]),
  );
}

type Step = { readonly configured: ReturnType<typeof sampleTable> } | { readonly changes: unknown };

/** The configuration that holds when a step is done. */
function lastConfiguration(steps: readonly Step[], step: Step): ReturnType<typeof sampleTable> {
  const before = steps.slice(0, steps.indexOf(step) + 1).findLast((each) => 'configured' in each);
  return before !== undefined && 'configured' in before ? before.configured : sampleTable();
}
