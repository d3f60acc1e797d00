import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { it } from 'node:test';
import type { IpAddress } from '../model/address.ts';
import type { Milliseconds, Port } from '../model/unit.ts';
import { monotonicMilliseconds } from '../system/clock.ts';
import { checkerOf } from './checker-registry.ts';
import type { HealthEvent } from './health-event.ts';
import { HealthMonitor } from './health-monitor.ts';
import {
  numberedDestination,
  sampleCheck,
  sampleService,
  sampleServiceMonitoring,
  sampleTable,
} from './testing/sample-monitoring.ts';

/** One from which no connection starts: a check cannot meet itself there while nobody listens. */
const ADDRESS = '127.88.0.1' as IpAddress;

it('finds a server that goes and comes back, by the clock and the checkers of the system', async () => {
  let server = net.createServer((socket) => socket.destroy()).listen(0, ADDRESS);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const service = sampleService(1, [{ ...numberedDestination(1), address: ADDRESS, port: port as Port }]);
  let heard: (event: HealthEvent) => void = () => undefined;
  const next = (): Promise<HealthEvent> => new Promise((resolve) => (heard = resolve));
  const monitor = new HealthMonitor({
    checkerOf,
    now: monotonicMilliseconds,
    wallClock: Date.now,
    random: Math.random,
    onEvent: (event) => event.kind === 'destination' && heard(event),
    onChange: () => undefined,
  });
  try {
    const checks = [sampleCheck({ interval: 20 as Milliseconds, warmup: 20 as Milliseconds })];
    const down = next();
    monitor.watch(...sampleTable([service, sampleServiceMonitoring(service, {}, { checks })]));
    await once(server, 'connection');
    assert.equal(monitor.effective(service), service);
    server.close();
    assert.match((await down).text, new RegExp(`is down: tcp ${ADDRESS}:${port}: connection refused$`));
    assert.deepEqual(monitor.effective(service).destinations, []);
    const up = next();
    server = net.createServer((socket) => socket.destroy()).listen(port, ADDRESS);
    assert.match((await up).text, /is up: .*: connected$/);
    assert.equal(monitor.effective(service), service);
  } finally {
    await monitor.close();
    server.close();
  }
});
