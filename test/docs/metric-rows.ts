import { FakeDirector } from '../../src/api/fake-director.ts';
import { FakeEngine } from '../../src/api/fake-engine.ts';
import { DRAINS, HEALTHS } from '../../src/api/fake-facts.ts';
import { CONFIGURED, DAEMONS, SYNC, VRRP } from '../../src/api/fake-high-availability.ts';
import { type ParsedFamily, parseMetrics } from '../../src/api/metrics/parse-metrics.ts';
import { writeMetrics } from '../../src/api/metrics/write-metrics.ts';
import { directorOf } from '../../src/api/running-api.ts';
import { METRIC_GROUPS, type MetricGroup } from '../../src/api/schema/request-schema.ts';
import { IPIP_TUNNEL } from '../../src/model/destination.ts';
import { NO_SCHEDULER_FLAGS, type ServiceKey } from '../../src/model/service.ts';
import { NO_STATISTICS } from '../../src/model/statistics.ts';

/** A metric as the documentation tells of it. */
export interface MetricRow {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

/** Every metric that a director with everything gives, by group. */
export async function metricRows(): Promise<ReadonlyMap<MetricGroup, readonly MetricRow[]>> {
  const [asked, operated] = director();
  const scrape = async (group: MetricGroup) =>
    parseMetrics((await Array.fromAsync(writeMetrics(asked, [group]))).join(''));
  await scrape('checks');
  operated.attempt({ kind: 'http', latency: 12 });
  const rows = new Map<MetricGroup, readonly MetricRow[]>();
  for (const group of METRIC_GROUPS) {
    const families = await scrape(group);
    rows.set(group, [...families.values()].map(rowOf));
  }
  return rows;
}

function rowOf({ name, type, help, samples }: ParsedFamily): MetricRow {
  const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
  return { name, type, help, labels: [...labels].filter((label) => label !== 'le') };
}

function director(): readonly [ReturnType<typeof directorOf>, FakeDirector] {
  const engine = new FakeEngine();
  engine.services.set('tcp 192.0.2.10:80' as ServiceKey, {
    id: { kind: 'address', protocol: 'tcp', address: '192.0.2.10' as never, port: 80 as never },
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: '255.255.255.255' as never,
    onePacket: false,
    statistics: NO_STATISTICS,
    destinations: [
      {
        address: '10.0.0.11' as never,
        port: 80 as never,
        forwarding: 'direct',
        weight: 1 as never,
        upperThreshold: 0,
        lowerThreshold: 0,
        tunnel: IPIP_TUNNEL,
        activeConnections: 0,
        inactiveConnections: 0,
        persistentConnections: 0,
        statistics: NO_STATISTICS,
      },
    ],
  });
  const operated = new FakeDirector(engine);
  operated.healths = HEALTHS;
  operated.drainStatuses = DRAINS;
  operated.vrrpStatus = VRRP;
  operated.configured = CONFIGURED;
  engine.knownDaemons = DAEMONS;
  engine.syncStatus = SYNC;
  const found = directorOf(engine, operated);
  const attachments = [{ interface: 'eth0', xdp: 'native', tc: 'tcx', note: '' }] as const;
  return [{ ...found, info: async () => ({ ...(await engine.info()), attachments }) }, operated];
}
