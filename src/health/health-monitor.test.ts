import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckTiming } from '../model/check.ts';
import type { DestinationMonitoring, ServiceMonitoring } from '../model/monitoring.ts';
import type { Service } from '../model/service.ts';
import type { Milliseconds, Port, Weight } from '../model/unit.ts';
import { MonitorBench } from './testing/monitor-bench.ts';
import {
  numberedDestination,
  sampleCheck,
  sampleService,
  sampleServiceMonitoring,
  sampleTable,
} from './testing/sample-monitoring.ts';
import { BAD, GOOD } from './testing/scripted-checker.ts';

const ONE = '10.0.0.1:80';
const TWO = '10.0.0.2:80';
const SORRY = { destination: numberedDestination(99), inhibit: false };
const service = sampleService(1, [numberedDestination(2, 3), numberedDestination(1, 3)]);

/** A bench that watches the sample service. */
function watching(
  monitoring: Partial<ServiceMonitoring> = {},
  destination: Partial<DestinationMonitoring> = {},
  what: Service = service,
): MonitorBench {
  const bench = new MonitorBench();
  bench.watch(sampleTable([what, sampleServiceMonitoring(what, monitoring, destination)]));
  return bench;
}

function checked(timing: Partial<CheckTiming>): Partial<DestinationMonitoring> {
  return { checks: [sampleCheck(timing)] };
}

const ms = (milliseconds: number) => milliseconds as Milliseconds;

describe('the health monitor', () => {
  it('leaves alone what is not watched', () => {
    const bench = new MonitorBench();
    bench.watch(sampleTable());
    assert.equal(bench.monitor.effective(service), service);
    assert.deepEqual(bench.monitor.health(), []);
  });

  it('leaves alone what is watched and up', async () => {
    const bench = watching();
    await bench.clock.advance(25_000);
    assert.equal(bench.monitor.effective(service), service);
    assert.deepEqual(bench.told(), []);
    assert.deepEqual(bench.changes, []);
    assert.equal(bench.checker.attempts.length, 6);
  });

  it('tells of every attempt how long it took, and of one that hangs once', async () => {
    const bench = watching({}, checked({ retry: 0, interval: ms(10_000), timeout: ms(3000) }));
    bench.checker.answers.set(ONE, 'silent');
    await bench.clock.advance(9000);
    const latencies = () => bench.attempts.splice(0).map(({ kind, latency }) => `${kind} ${latency}`);
    assert.deepEqual(latencies(), ['tcp 0', 'tcp 3000']);
    bench.checker.answers.set(ONE, 'stuck');
    await bench.clock.advance(90_000);
    // Two hang; what follows without an attempt took no time, and does not count.
    assert.deepEqual(
      latencies().filter((each) => each !== 'tcp 0'),
      ['tcp 8000', 'tcp 8000'],
    );
  });

  it('takes a destination out that fails, and back in when it recovers', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3']);
    assert.deepEqual(bench.told(), [`destination ${ONE} down`]);
    assert.equal(bench.changed(service), 1);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(10_000);
    assert.equal(bench.monitor.effective(service), service);
    assert.deepEqual(bench.told(), [`destination ${ONE} up`]);
    assert.equal(bench.changed(service), 1);
  });

  it('says why in the event', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    assert.equal(
      bench.events[0]?.text,
      'tcp 192.0.2.1:80 -> 10.0.0.1:80 is down: tcp 10.0.0.1:80: connection refused',
    );
  });

  it('keeps it with weight 0 where failure inhibits', async () => {
    const bench = watching({}, { inhibitOnFailure: true });
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3', '10.0.0.1:80=0']);
  });

  it('retries within a round, and not at all while it is down', async () => {
    const bench = watching({}, checked({ retry: 2 }));
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(999);
    assert.deepEqual(bench.told(), []);
    await bench.clock.advance(1);
    assert.deepEqual(bench.told(), [`destination ${ONE} down`]);
    bench.checker.attempts.length = 0;
    await bench.clock.advance(9500);
    assert.deepEqual(bench.checker.attempts.sort(), [ONE, TWO]);
  });

  it('asks for rise and fall', async () => {
    const bench = watching({}, checked({ rise: 2, fall: 3 }));
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(19_999);
    assert.deepEqual(bench.told(), []);
    await bench.clock.advance(1);
    assert.deepEqual(bench.told(), [`destination ${ONE} down`]);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(19_999);
    assert.deepEqual(bench.told(), []);
    await bench.clock.advance(1);
    assert.deepEqual(bench.told(), [`destination ${ONE} up`]);
  });

  it('spreads the first rounds over the warm-up', async () => {
    const bench = new MonitorBench(() => 0.5);
    const monitoring = sampleServiceMonitoring(service, {}, checked({ warmup: ms(4000) }));
    bench.watch(sampleTable([service, monitoring]));
    await bench.clock.advance(1999);
    assert.equal(bench.checker.attempts.length, 0);
    await bench.clock.advance(1);
    assert.equal(bench.checker.attempts.length, 2);
  });

  it('with alpha waits for the first success, which suffices, and tells the first failure', async () => {
    const bench = watching({}, checked({ alpha: true, rise: 3, warmup: ms(0) }));
    assert.deepEqual(bench.effective(service), []);
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(10_001);
    assert.deepEqual(bench.told().sort(), [
      `check-failed ${ONE}`,
      `destination ${TWO} up`,
      'quorum tcp 192.0.2.1:80 up',
    ]);
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3']);
  });

  it('does not let rounds overlap', async () => {
    const bench = watching({}, checked({ interval: ms(100), timeout: ms(1000) }));
    bench.checker.answers.set(ONE, 'silent');
    bench.checker.answers.set(TWO, 'silent');
    await bench.clock.advance(5050);
    assert.equal(bench.checker.running, 2);
    assert.equal(bench.checker.attempts.length, 12);
  });

  it('logs every failed attempt where that is asked for', async () => {
    const bench = watching({}, checked({ retry: 1, logAllFailures: true }));
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1000);
    assert.deepEqual(bench.told(), [`check-failed ${ONE}`, `destination ${ONE} down`]);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), [`check-failed ${ONE}`]);
  });

  it('puts the sorry server in the place of all when the quorum is lost', async () => {
    const bench = watching({ sorryServer: SORRY, quorum: 4 });
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    assert.deepEqual(bench.told(), [
      `destination ${ONE} down`,
      'quorum tcp 192.0.2.1:80 down',
      'sorry-server 10.0.0.99:80 up',
    ]);
    assert.deepEqual(bench.effective(service), ['10.0.0.99:80=1']);
    assert.equal(bench.changed(service), 1);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), [
      `destination ${ONE} up`,
      'quorum tcp 192.0.2.1:80 up',
      'sorry-server 10.0.0.99:80 down',
    ]);
    assert.equal(bench.monitor.effective(service), service);
  });

  it('lets who is up serve on without quorum where there is no sorry server', async () => {
    const bench = watching({ quorum: 4 });
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    assert.deepEqual(bench.told(), [`destination ${ONE} down`, 'quorum tcp 192.0.2.1:80 down']);
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3']);
  });

  it('raises the weight slowly after a recovery, and not at the start', async () => {
    const slow = sampleService(1, [numberedDestination(1, 5)]);
    const bench = watching({}, { slowStart: ms(4000) }, slow);
    await bench.clock.advance(100);
    assert.equal(bench.monitor.effective(slow), slow);
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(9900);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(10_000);
    const weights: string[] = [];
    bench.changed(slow);
    for (let second = 0; second <= 4; second++) {
      weights.push(...bench.effective(slow));
      await bench.clock.advance(1000);
    }
    assert.deepEqual(
      weights,
      [1, 2, 3, 4, 5].map((weight) => `10.0.0.1:80=${weight}`),
    );
    assert.equal(bench.changed(slow), 4);
    assert.equal(bench.monitor.effective(slow), slow);
  });

  it('does not start slowly after an assumption', async () => {
    const bench = watching({}, { ...checked({ alpha: true }), slowStart: ms(4000) });
    await bench.clock.advance(1);
    assert.equal(bench.monitor.effective(service), service);
  });

  it('starts slowly after a failure with alpha', async () => {
    const bench = watching({}, { ...checked({ alpha: true }), slowStart: ms(4000) });
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3', '10.0.0.1:80=1']);
    assert.equal(bench.monitor.health()[0]?.destinations[1]?.reason, 'slow start');
  });

  it('asks for all checks of a destination', async () => {
    const checks = [sampleCheck(), { ...sampleCheck(), endpoint: { port: 81 as Port } }];
    const bench = watching({}, { checks });
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    assert.deepEqual(bench.told(), [`destination ${ONE} down`]);
    bench.checker.answers.set(`${ONE}/81`, BAD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), [`check-failed ${ONE}`]);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), []);
    bench.checker.answers.set(`${ONE}/81`, GOOD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), [`destination ${ONE} up`]);
  });

  it('takes a checker that throws for a failure', async () => {
    const bench = watching();
    bench.checker.check = () => {
      throw new TypeError('no such thing');
    };
    await bench.clock.advance(1);
    assert.match(bench.events[0]?.text ?? '', /the check itself failed: TypeError: no such thing/);
  });

  it('takes the weight from checks, also for the quorum', async () => {
    const bench = watching({ quorum: 4 });
    bench.checker.answers.set(ONE, { good: true, detail: 'exit code 2', weight: { set: 0 } });
    bench.checker.answers.set(TWO, { good: true, detail: '7', weight: { add: 4 } });
    await bench.clock.advance(1);
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=7', '10.0.0.1:80=0']);
    bench.told();
    bench.checker.answers.set(TWO, GOOD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), ['quorum tcp 192.0.2.1:80 down']);
    assert.equal(bench.monitor.health()[0]?.destinations[1]?.reason, 'set by a check');
  });

  it('shares a check that several services have', async () => {
    const other = sampleService(2, [numberedDestination(1)]);
    const bench = new MonitorBench();
    bench.watch(
      sampleTable([service, sampleServiceMonitoring(service)], [other, sampleServiceMonitoring(other)]),
    );
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    assert.equal(bench.checker.attempts.length, 2);
    assert.deepEqual(bench.changes.sort(), ['tcp 192.0.2.1:80', 'tcp 192.0.2.2:80']);
    assert.deepEqual(bench.effective(other), []);
  });

  it('goes on after a check that hangs, a bounded number of times', async () => {
    const bench = watching({}, checked({ interval: ms(2000) }));
    bench.checker.answers.set(ONE, 'stuck');
    await bench.clock.advance(5999);
    assert.deepEqual(bench.told(), []);
    await bench.clock.advance(1);
    assert.deepEqual(bench.told(), [`hung-check ${ONE}`, `destination ${ONE} down`]);
    await bench.clock.advance(60_000);
    assert.deepEqual(bench.told(), [`hung-check ${ONE}`]);
    assert.equal(bench.checker.running, 2);
    const status = bench.monitor.health()[0]?.destinations[1]?.checks[0];
    assert.equal(status?.hung, 65_000);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), []);
    for (const end of bench.checker.stuck) end();
    await bench.clock.advance(2000);
    assert.deepEqual(bench.told(), [`destination ${ONE} up`]);
    assert.equal(bench.monitor.health()[0]?.destinations[1]?.checks[0]?.hung, undefined);
  });

  it('says how everything is', async () => {
    const bench = watching({ sorryServer: { ...SORRY, inhibit: true } });
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    const [health] = bench.monitor.health();
    assert.deepEqual(health?.quorum, { state: 'up', needed: 1, hysteresis: 0, alive: 3 });
    assert.deepEqual(
      health?.destinations.map(({ destination, role, state, weight, reason }) => [
        destination,
        role,
        state,
        weight,
        reason,
      ]),
      [
        [TWO, 'real', 'up', 3, undefined],
        [ONE, 'real', 'down', undefined, 'down'],
        ['10.0.0.99:80', 'sorry', 'up', 0, 'not needed'],
      ],
    );
    assert.deepEqual(health?.destinations[1]?.checks, [
      {
        kind: 'tcp',
        target: 'tcp 10.0.0.1:80',
        state: 'down',
        since: '2023-11-14T22:13:21.000Z',
        checkedAt: '2023-11-14T22:13:21.000Z',
        detail: 'connection refused',
        latency: 0,
        attempts: 1,
        failures: 1,
      },
    ]);
  });

  it('keeps checks apart after a time in which the process did not run', async () => {
    let part = 0;
    const bench = new MonitorBench(() => part++ / 2);
    const monitoring = sampleServiceMonitoring(service, {}, checked({ warmup: ms(10_000) }));
    bench.watch(sampleTable([service, monitoring]));
    await bench.clock.advance(100);
    bench.clock.time += 27_000;
    await bench.clock.advance(0);
    assert.deepEqual(bench.checker.attempts.toSorted(), [ONE, TWO, TWO]);
    await bench.clock.advance(2900);
    assert.equal(bench.checker.attempts.length, 4);
    await bench.clock.advance(5000);
    assert.equal(bench.checker.attempts.length, 5);
  });

  it('gives back the time in which the process did not run', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, 'silent');
    await bench.clock.advance(500);
    bench.clock.time += 3000;
    await bench.clock.advance(500);
    assert.deepEqual(bench.told(), []);
    await bench.clock.advance(500);
    assert.deepEqual(bench.told(), [`destination ${ONE} down`]);
  });
});

describe('a health monitor that gets another configuration', () => {
  it('keeps what stays', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(5000);
    bench.told();
    const again = sampleService(1, [numberedDestination(3), ...service.destinations]);
    bench.watch(sampleTable([again, sampleServiceMonitoring(again)]));
    assert.deepEqual(bench.effective(again), ['10.0.0.3:80=1', '10.0.0.2:80=3']);
    bench.checker.attempts.length = 0;
    await bench.clock.advance(100);
    assert.deepEqual(bench.checker.attempts, ['10.0.0.3:80']);
    assert.deepEqual(bench.told(), []);
  });

  it('goes on from what a check found whose timing changes', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(5000);
    bench.told();
    bench.watch(
      sampleTable([service, sampleServiceMonitoring(service, {}, checked({ interval: ms(3000) }))]),
    );
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3']);
    await bench.clock.advance(20_000);
    assert.deepEqual(bench.told(), []);
  });

  it('lets a new check assume what its destination is', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(5000);
    bench.told();
    const others = { checks: [{ ...sampleCheck({ alpha: true }), endpoint: { interface: 'lo' } }] };
    bench.watch(sampleTable([service, sampleServiceMonitoring(service, {}, others)]));
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3']);
    bench.checker.answers.set(ONE, GOOD);
    await bench.clock.advance(100);
    assert.deepEqual(bench.told(), [`destination ${ONE} up`]);
  });

  it('settles the quorum anew', async () => {
    const bench = watching();
    await bench.clock.advance(1);
    bench.watch(sampleTable([service, sampleServiceMonitoring(service, { quorum: 7, sorryServer: SORRY })]));
    assert.deepEqual(bench.told(), ['quorum tcp 192.0.2.1:80 down', 'sorry-server 10.0.0.99:80 up']);
    bench.watch(sampleTable([service, sampleServiceMonitoring(service, { quorum: 6, sorryServer: SORRY })]));
    assert.deepEqual(bench.told(), ['quorum tcp 192.0.2.1:80 up', 'sorry-server 10.0.0.99:80 down']);
    assert.deepEqual(bench.changes, []);
  });

  it('ends what is not watched any more', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, 'silent');
    await bench.clock.advance(1);
    bench.watch(sampleTable());
    await bench.clock.advance(60_000);
    assert.equal(bench.checker.attempts.length, 2);
    assert.equal(bench.checker.running, 0);
    assert.equal(bench.clock.waiting, 0);
    assert.equal(bench.monitor.effective(service), service);
  });

  it('can get it while it tells of an event', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, 'stuck');
    bench.checker.answers.set(TWO, BAD);
    const told: string[] = [];
    bench.onEvent = (event) => {
      told.push(event.kind);
      if (event.kind === 'hung-check') bench.watch(sampleTable());
    };
    await bench.clock.advance(60_000);
    assert.deepEqual(told, ['destination', 'hung-check']);
    assert.equal(bench.clock.waiting, 0);
  });

  it('takes a new weight of a destination whose check it keeps', async () => {
    const bench = watching();
    await bench.clock.advance(1);
    const heavier = sampleService(1, [{ ...numberedDestination(1), weight: 9 as Weight }]);
    bench.watch(sampleTable([heavier, sampleServiceMonitoring(heavier)]));
    await bench.clock.advance(1);
    assert.equal(bench.checker.attempts.length, 2);
    assert.equal(bench.monitor.health()[0]?.quorum.alive, 9);
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(10_000);
    assert.deepEqual(bench.told(), [`destination ${ONE} down`, 'quorum tcp 192.0.2.1:80 down']);
  });

  it('keeps a check that moves to another service', async () => {
    const bench = new MonitorBench();
    const from = (one: Service, two: Service) =>
      sampleTable([one, sampleServiceMonitoring(one)], [two, sampleServiceMonitoring(two)]);
    bench.watch(from(sampleService(1, [numberedDestination(1)]), sampleService(2, [])));
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    const other = sampleService(2, [numberedDestination(1)]);
    bench.watch(from(sampleService(1, []), other));
    assert.deepEqual(bench.effective(other), []);
    await bench.clock.advance(9000);
    assert.equal(bench.checker.attempts.length, 1);
    await bench.clock.advance(1000);
    assert.equal(bench.checker.attempts.length, 2);
  });

  it('tells who is up because its check is gone, and settles the quorum once, without calling for a change', async () => {
    const bench = watching({ quorum: 6, sorryServer: SORRY });
    bench.checker.answers.set(ONE, BAD);
    bench.checker.answers.set(TWO, BAD);
    await bench.clock.advance(1);
    bench.told();
    bench.changed(service);
    const unchecked = sampleServiceMonitoring(service, { quorum: 6, sorryServer: SORRY }, { checks: [] });
    bench.watch(sampleTable([service, unchecked]));
    assert.deepEqual(bench.told(), [
      `destination ${TWO} up`,
      `destination ${ONE} up`,
      'quorum tcp 192.0.2.1:80 up',
      'sorry-server 10.0.0.99:80 down',
    ]);
    assert.deepEqual(bench.changes, []);
    assert.equal(bench.monitor.effective(service), service);
    bench.watch(sampleTable([service, sampleServiceMonitoring(service, { quorum: 7 })]));
    assert.deepEqual(bench.told(), ['quorum tcp 192.0.2.1:80 down']);
  });
});

describe('a health monitor that ends', () => {
  it('tells services with omega as down, once', async () => {
    const bench = watching({ omega: true });
    bench.checker.answers.set(ONE, BAD);
    await bench.clock.advance(1);
    bench.told();
    await bench.monitor.close();
    assert.deepEqual(bench.told(), [`destination ${TWO} down`, 'quorum tcp 192.0.2.1:80 down']);
    assert.deepEqual(bench.effective(service), ['10.0.0.2:80=3']);
    await bench.monitor.close();
    assert.deepEqual(bench.told(), []);
    assert.equal(bench.clock.waiting, 0);
  });

  it('tells nothing without omega', async () => {
    const bench = watching();
    await bench.clock.advance(1);
    await bench.monitor.close();
    assert.deepEqual(bench.told(), []);
  });

  it('does not wait for ever for what hangs', async () => {
    const bench = watching();
    bench.checker.answers.set(ONE, 'stuck');
    await bench.clock.advance(1);
    const closed = bench.monitor.close();
    await bench.clock.advance(5000);
    await closed;
    assert.equal(bench.clock.waiting, 0);
  });
});
