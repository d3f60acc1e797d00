import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt, Checker, Verdict } from '../../src/health/checker.ts';
import { checkerOf } from '../../src/health/checker-registry.ts';
import { HealthMonitor } from '../../src/health/health-monitor.ts';
import type { Check } from '../../src/model/check.ts';
import { type DestinationKey, destinationKey } from '../../src/model/destination.ts';
import type { DestinationMonitoring, Monitoring } from '../../src/model/monitoring.ts';
import { parseHostPort } from '../../src/model/parse-host-port.ts';
import { parseServiceKey } from '../../src/model/parse-service-key.ts';
import { NO_SCHEDULER_FLAGS, type Service, serviceKey } from '../../src/model/service.ts';
import { DEFAULT_TIMEOUTS } from '../../src/model/table.ts';
import type { PrefixLength } from '../../src/model/unit.ts';
import { monotonicMilliseconds } from '../../src/system/clock.ts';
import { quantile } from '../statistics.ts';
import type { CheckFigures, CheckLoad } from './check-load.ts';

/** Runs one load, measures this process, tells the parent, and ends. */

const DESTINATIONS = 5;
const load = JSON.parse(process.argv[2] ?? '') as CheckLoad;
/** When the rounds of each check started. */
const starts = new Map<string, number[]>();
let measuring = false;
let attempts = 0;
let failures = 0;

const stop = load.who === 'vipr' ? runMonitor() : runLoop();
await delay(load.warmup);
const [cpuBefore, timeBefore] = [process.cpuUsage(), monotonicMilliseconds()];
measuring = true;
await delay(load.measured);
measuring = false;
const seconds = (monotonicMilliseconds() - timeBefore) / 1000;
const { user, system } = process.cpuUsage(cpuBefore);
const figures: CheckFigures = {
  cpu: (user + system) / 1e6 / seconds,
  checksPerSecond: attempts / seconds,
  lateness: quantile([...starts.values()].flatMap(lateness), 0.99),
  memory: process.memoryUsage.rss(),
  failures,
};
await stop();
process.send?.(figures);
process.disconnect?.();

function started(name: string): void {
  if (!measuring) return;
  const known = starts.get(name);
  if (known === undefined) starts.set(name, [monotonicMilliseconds()]);
  else known.push(monotonicMilliseconds());
}

function ended(good: boolean): void {
  if (!measuring) return;
  attempts++;
  if (!good) failures++;
}

/** How late each start was, taking the most punctual one of the check as the plan. */
function lateness(times: readonly number[]): number[] {
  const offsets = times.map((time, round) => time - round * load.interval);
  const plan = Math.min(...offsets);
  return offsets.map((offset) => offset - plan);
}

function runMonitor(): () => Promise<void> {
  const tcp = checkerOf('tcp');
  const checker: Checker = {
    kind: 'tcp',
    describe: (attempt) => tcp.describe(attempt),
    async check(attempt: Attempt): Promise<Verdict> {
      started(destinationKey(attempt.destination));
      const verdict = await tcp.check(attempt);
      ended(verdict.good);
      return verdict;
    },
  };
  const monitor = new HealthMonitor({
    checkerOf: () => checker,
    now: monotonicMilliseconds,
    wallClock: Date.now,
    random: Math.random,
    onEvent: () => undefined,
    onChange: () => undefined,
  });
  const services = Array.from({ length: load.checks / DESTINATIONS }, (_, number) => service(number));
  const monitoring: Monitoring = new Map(
    services.map((each, number) => [
      serviceKey(each.id),
      {
        quorum: 1,
        hysteresis: 0,
        alpha: false,
        omega: false,
        destinations: new Map(
          each.destinations.map((one, index) => watched(destinationKey(one), number * DESTINATIONS + index)),
        ),
      },
    ]),
  );
  monitor.watch({ services, timeouts: DEFAULT_TIMEOUTS }, monitoring);
  return () => monitor.close();
}

function service(number: number): Service {
  const id = parseServiceKey(`tcp [2001:db8::${(number + 1).toString(16)}]:80`);
  if (id === undefined) throw new Error(`no service ${number}`);
  const destinations = Array.from({ length: DESTINATIONS }, (_, index) => {
    const host = parseHostPort(`[2001:db8:1:${(number + 1).toString(16)}::${index + 1}]:80`);
    if (host === undefined) throw new Error(`no destination ${number}`);
    return {
      ...host,
      forwarding: 'masquerade' as const,
      weight: 1 as never,
      upperThreshold: 0,
      lowerThreshold: 0,
      tunnel: { type: 'ipip' as const, port: 0 as never, checksum: 'none' as const },
    };
  });
  return {
    id,
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: 128 as PrefixLength,
    onePacket: false,
    destinations,
  };
}

function watched(key: DestinationKey, number: number): [DestinationKey, DestinationMonitoring] {
  const timing = {
    interval: load.interval as never,
    timeout: 1000 as never,
    retry: 0,
    retryDelay: 1000 as never,
    warmup: load.interval as never,
    rise: 1,
    fall: 1,
    alpha: false,
    logAllFailures: false,
  };
  const endpoint = parseHostPort(endpointOf(number));
  if (endpoint === undefined) throw new Error(`no endpoint ${number}`);
  const checks: Check[] = [{ probe: { kind: 'tcp' }, endpoint, timing }];
  const monitoring = {
    checks,
    inhibitOnFailure: false,
    connectionsOnFailure: 'leave',
    slowStart: 0 as never,
  } as const;
  return [key, monitoring];
}

function runLoop(): () => Promise<void> {
  let stopped = false;
  const check = (number: number): void => {
    if (stopped) return;
    setTimeout(check, load.interval, number);
    started(String(number));
    const [host, port] = endpointOf(number).split(':');
    const socket = net.connect({ host: host ?? '', port: Number(port) });
    const end = (good: boolean): void => {
      clearTimeout(limit);
      socket.destroy();
      ended(good);
    };
    const limit = setTimeout(end, 1000, false);
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  };
  for (let number = 0; number < load.checks; number++) {
    setTimeout(check, Math.random() * load.interval, number);
  }
  return async () => {
    stopped = true;
  };
}

function endpointOf(number: number): string {
  return load.endpoints[number % load.endpoints.length] ?? '';
}
