import { parseConfig } from '../../config/load-config.ts';
import { MemoryEngine } from '../../engines/memory/memory-engine.ts';
import { diffTables } from '../../model/diff.ts';
import type { ServiceHealth } from '../../model/health.ts';
import type { ServiceKey } from '../../model/service.ts';
import type { Statistics } from '../../model/statistics.ts';
import { DEFAULT_TIMEOUTS } from '../../model/table.ts';
import type { Sample } from './sample.ts';

/** Milliseconds since the epoch of the first look. */
export const FIRST_LOOK = new Date(2026, 0, 2, 3, 4, 5).getTime();

const CONFIG = `services:
  - service: tcp 192.0.2.10:80
    destinations: [{ address: 10.0.0.11:80, weight: 3 }, { address: 10.0.0.9:80, weight: 0 }]
  - service: udp [2001:db8:1234:5678:9abc:def0:1234:5678]:53
    destinations: [{ address: "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535" }]
  - service: fwmark 4294967295
    destinations: [{ address: 192.168.100.200:65535, weight: 2147483647 }]
`;

/** A director, for tests, \`seconds\` after the first look: the n-th service has n times 100 connections a second, and so on. */
export async function sampleOfTraffic(seconds: number, more: Partial<Sample> = {}): Promise<Sample> {
  const engine = new MemoryEngine();
  const { table } = parseConfig(CONFIG, 'vipr.yaml');
  await engine.execute(diffTables({ services: [], timeouts: DEFAULT_TIMEOUTS }, table));
  const snapshot = await engine.snapshot();
  // A memory engine has what was added last at the head.
  const services = snapshot.services.toReversed().map((service, index) => ({
    ...service,
    statistics: statisticsOf((index + 1) * seconds),
    destinations: service.destinations.map((destination, position) => ({
      ...destination,
      activeConnections: 10 * index + position,
      inactiveConnections: 12_345,
      statistics: statisticsOf(((index + 1) * seconds * (position + 1)) / 2),
    })),
  }));
  return {
    engine: await engine.info(),
    table: { ...snapshot, services },
    faults: new Map(),
    at: 50_000 + seconds * 1000,
    time: FIRST_LOOK + seconds * 1000,
    ...more,
  };
}

/** Health of the first service: one server is up, one down and gone from the table. */
export const HEALTH: readonly ServiceHealth[] = [
  {
    service: 'tcp 192.0.2.10:80' as ServiceKey,
    quorum: { state: 'up', needed: 1, hysteresis: 0, alive: 3 },
    destinations: (['10.0.0.11:80', '10.0.0.9:80', '10.0.0.10:80'] as const).map((destination) => ({
      destination: destination as never,
      role: 'real' as const,
      state: destination === '10.0.0.10:80' ? ('down' as const) : ('up' as const),
      since: '2026-01-02T03:04:05.000Z',
      configuredWeight: 3,
      ...(destination === '10.0.0.9:80' && { reason: 'draining' }),
      checks: [],
    })),
  },
];

function statisticsOf(amount: number): Statistics {
  const times = (factor: number) => BigInt(Math.round(amount * factor));
  const counters = {
    connections: times(100),
    inPackets: times(1000),
    outPackets: times(800),
    inBytes: times(100_000),
    outBytes: times(3_000_000),
  };
  const rates = { connections: 7n, inPackets: 8n, outPackets: 9n, inBytes: 10n, outBytes: 11n };
  return { counters, rates };
}
