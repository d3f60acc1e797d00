import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { destinationKey, IPIP_TUNNEL } from '../../model/destination.ts';
import { NO_SCHEDULER_FLAGS, type ServiceId, serviceKey } from '../../model/service.ts';
import type { Counters } from '../../model/statistics.ts';
import type { DestinationStatus, ServiceStatus } from '../../model/table.ts';
import { FakeDirector } from '../fake-director.ts';
import { FakeEngine } from '../fake-engine.ts';
import { DRAINS, HEALTHS } from '../fake-facts.ts';
import { CONFIGURED, DAEMONS, SYNC, VRRP } from '../fake-high-availability.ts';
import { directorOf, RunningApi } from '../running-api.ts';
import type { MetricGroup } from '../schema/request-schema.ts';
import { labels } from './family.ts';
import { type ParsedFamily, parseMetrics } from './parse-metrics.ts';
import { METRIC_SOURCES, writeMetrics } from './write-metrics.ts';

const WEB: ServiceId = {
  kind: 'address',
  protocol: 'tcp',
  address: '192.0.2.10' as never,
  port: 80 as never,
};
const WEB6: ServiceId = {
  kind: 'address',
  protocol: 'udp',
  address: '2001:db8::10' as never,
  port: 53 as never,
};
const MARK: ServiceId = { kind: 'fwmark', fwmark: 0x1f as never, family: 'inet' };
const MARK6: ServiceId = { kind: 'fwmark', fwmark: 0x1f as never, family: 'inet6' };
/** More than a double holds. */
const LARGE = 2n ** 63n + 1n;

let engine: FakeEngine;
let operated: FakeDirector;
let director: ReturnType<typeof directorOf>;

beforeEach(() => {
  engine = new FakeEngine();
  operated = new FakeDirector(engine);
  director = directorOf(engine, operated);
});

test('the text is valid, and says of services and destinations what the snapshot says', async () => {
  const services = [
    service(WEB, 10n, [destination('10.0.0.11', 1n, 5), destination('10.0.0.12', LARGE, 0)]),
    service(WEB6, 20n, [destination('2001:db8::11', 7n, 9)]),
    service(MARK, 30n, [destination('10.0.0.11', 8n, 1)]),
  ];
  for (const each of services) engine.services.set(serviceKey(each.id), each);
  engine.knownFaults.set(serviceKey(WEB6), 'busy');
  const families = await scrape();
  for (const { id, statistics, destinations } of services) {
    const of = { service: serviceKey(id) };
    assertCounters(families, 'vipr_service', of, statistics.counters);
    assert.equal(sample(families, 'vipr_service_faulty', of).value, Number(id === WEB6));
    assert.equal(
      sample(families, 'vipr_service_info', { ...of, scheduler: 'wlc', persistent: 'no' }).value,
      1,
    );
    for (const each of destinations) {
      const at = { ...of, destination: destinationKey(each) };
      assertCounters(families, 'vipr_destination', at, each.statistics.counters);
      for (const [name, value] of [
        ['active_connections', each.activeConnections],
        ['inactive_connections', each.inactiveConnections],
        ['persistent_connections', each.persistentConnections],
        ['weight', each.weight],
      ] as const) {
        assert.equal(sample(families, `vipr_destination_${name}`, at).value, value);
      }
    }
  }
  assert.equal(families.get('vipr_destination_weight')?.samples.length, 4);
  assert.equal(sample(families, 'vipr_services', {}).value, 3);
  assert.equal(sample(families, 'vipr_destinations', {}).value, 4);
  assert.equal(sample(families, 'vipr_faults', {}).value, 1);
  assert.equal(sample(families, 'vipr_connections', { state: 'inactive' }).value, 4 * 20);
});

test("names and labels are those of node_exporter's collector ipvs", async () => {
  for (const each of [
    service(WEB, 10n, [destination('10.0.0.11', 1n, 5)]),
    service(MARK, 30n, [destination('10.0.0.11', 8n, 1)]),
    service(MARK6, 2n, [destination('10.0.0.11', 9n, 2)]),
  ]) {
    engine.services.set(serviceKey(each.id), each);
  }
  const families = await scrape(['ipvs']);
  assert.deepEqual(
    [...families.values()].map(({ name, type }) => [name, type]),
    [
      ['node_ipvs_connections_total', 'counter'],
      ['node_ipvs_incoming_packets_total', 'counter'],
      ['node_ipvs_outgoing_packets_total', 'counter'],
      ['node_ipvs_incoming_bytes_total', 'counter'],
      ['node_ipvs_outgoing_bytes_total', 'counter'],
      ['node_ipvs_backend_connections_active', 'gauge'],
      ['node_ipvs_backend_connections_inactive', 'gauge'],
      ['node_ipvs_backend_weight', 'gauge'],
    ],
  );
  assert.equal(sample(families, 'node_ipvs_connections_total', {}).value, 42);
  assert.equal(sample(families, 'node_ipvs_outgoing_bytes_total', {}).value, 42 + 3 * 4);
  const remote = { remote_address: '10.0.0.11', remote_port: '80' };
  const web = { local_address: '192.0.2.10', local_port: '80', ...remote, proto: 'TCP', local_mark: '' };
  const mark = { local_address: '', local_port: '0', ...remote, proto: 'FWM', local_mark: '0000001F' };
  assert.equal(sample(families, 'node_ipvs_backend_weight', web).value, 5);
  assert.equal(sample(families, 'node_ipvs_backend_weight', mark).value, 3, 'both families together');
  assert.equal(families.get('node_ipvs_backend_connections_active')?.samples.length, 2);
});

test('totals never fall: not when a service goes, and not when its counters are set to 0', async () => {
  const total = async () => sample(await scrape(['ipvs']), 'node_ipvs_connections_total', {}).value;
  const set = (id: ServiceId, connections: bigint) =>
    engine.services.set(serviceKey(id), service(id, connections, []));
  set(WEB, 100n);
  set(WEB6, 50n);
  assert.equal(await total(), 150);
  set(WEB, 110n);
  assert.equal(await total(), 160);
  engine.services.delete(serviceKey(WEB6));
  assert.equal(await total(), 160);
  set(WEB, 3n);
  assert.equal(await total(), 163);
  set(WEB6, 1n);
  assert.equal(await total(), 164);
});

test('health, checks, quorum and drains are what the director says', async () => {
  operated.healths = HEALTHS;
  operated.drainStatuses = DRAINS;
  operated.changes = [{ action: 'remove', fields: [] }];
  operated.happen({ kind: 'drift', text: '' });
  const families = await scrape();
  operated.happen({ kind: 'drift', text: '' });
  const of = { service: 'tcp 192.0.2.10:80' };
  assert.equal(sample(families, 'vipr_service_quorum_up', of).value, 1);
  assert.equal(sample(families, 'vipr_service_quorum_weight', of).value, 2);
  assert.equal(sample(families, 'vipr_service_quorum_hysteresis_weight', of).value, 1);
  assert.equal(sample(families, 'vipr_service_alive_weight', of).value, 3);
  assert.equal(sample(families, 'vipr_service_sorry_server_active', of).value, 0);
  const up = families
    .get('vipr_destination_up')
    ?.samples.map(({ labels: at, value }) => [at.destination, at.role, value]);
  assert.deepEqual(up, [
    ['10.0.0.11:80', 'real', 1],
    ['10.0.0.12:80', 'real', 0],
    ['10.0.0.99:80', 'sorry', 1],
  ]);
  const http = {
    ...of,
    destination: '10.0.0.11:80',
    check: '1',
    kind: 'http',
    target: 'http://10.0.0.11:80/a"b\\c',
  };
  assert.equal(sample(families, 'vipr_check_up', http).value, 1);
  assert.equal(sample(families, 'vipr_check_attempts_total', http).value, 100);
  assert.equal(sample(families, 'vipr_check_failures_total', http).value, 2);
  assert.equal(sample(families, 'vipr_check_last_latency_seconds', http).value, 0.0125);
  const misc = {
    ...of,
    destination: '10.0.0.12:80',
    check: '1',
    kind: 'misc',
    target: '/usr/bin/check\n10.0.0.12',
  };
  assert.equal(sample(families, 'vipr_check_hung_seconds', misc).value, 1.5);
  assert.equal(
    families.get('vipr_check_last_latency_seconds')?.samples.length,
    2,
    'none before the first attempt',
  );
  assert.equal(sample(families, 'vipr_checked_destinations', { state: 'down' }).value, 1);
  assert.equal(sample(families, 'vipr_drains', { state: 'draining' }).value, 1);
  const drain = { ...of, destination: '10.0.0.11:80', state: 'draining' };
  assert.equal(sample(families, 'vipr_drain_remaining_connections', drain).value, 10);
  assert.equal(sample(families, 'vipr_drain_deadline_timestamp_seconds', drain).value, 1767323345.678);
  assert.equal(sample(families, 'vipr_drift', {}).value, 1);
  assert.equal(sample(families, 'vipr_events_total', { kind: 'drift' }).value, 1);
  assert.equal(sample(await scrape(), 'vipr_events_total', { kind: 'drift' }).value, 2);
});

test("VRRP has the names, labels and numbers of keepalived's exporter, and vipr's own", async () => {
  operated.vrrpStatus = VRRP;
  const families = await scrape(['vrrp']);
  const states = families
    .get('keepalived_vrrp_state')
    ?.samples.map(({ labels: at, value }) => [at.iname, at.intf, at.vrid, at.ip_address, value]);
  assert.deepEqual(states, [
    ['VI_1', 'eth0', '51', '192.0.2.10', 2],
    ['VI_1', 'eth0', '51', '192.0.2.11', 2],
    ['VI_2', 'eth1', '52', '2001:db8::10', 3],
  ]);
  const first = { iname: 'VI_1', intf: 'eth0', vrid: '51' };
  const second = { iname: 'VI_2', intf: 'eth1', vrid: '52' };
  for (const [name, value] of [
    ['keepalived_advertisements_received_total', 17],
    ['keepalived_advertisements_sent_total', 1234],
    ['keepalived_become_master_total', 2],
    ['keepalived_release_master_total', 1],
    ['keepalived_priority_zero_received_total', 2],
    ['keepalived_priority_zero_sent_total', 1],
    ['keepalived_advertisements_interval_errors_total', 3],
    ['keepalived_address_list_errors_total', 4],
    ['keepalived_authentication_failure_total', 5],
    ['vipr_vrrp_conflicts_total', 7],
    ['vipr_vrrp_revoked_farewells_total', 8],
    ['vipr_vrrp_priority', 150],
    ['vipr_vrrp_last_heard_timestamp_seconds', 1767323045.678],
  ] as const) {
    assert.equal(sample(families, name, first).value, value, name);
  }
  assert.equal(sample(families, 'keepalived_address_list_errors_total', second).value, 0);
  assert.equal(sample(families, 'vipr_vrrp_priority', second).value, 90);
  assert.equal(sample(families, 'vipr_vrrp_held', first).value, 0);
  assert.equal(sample(families, 'vipr_vrrp_held', second).value, 1);
  assert.equal(sample(families, 'vipr_vrrp_configured_priority', second).value, 100);
  assert.equal(families.get('vipr_vrrp_last_heard_timestamp_seconds')?.samples.length, 1);
  const peer = { ...first, reason: 'peer' };
  assert.equal(sample(families, 'vipr_vrrp_dismissed_advertisements_total', peer).value, 6);
  assert.equal(sample(families, 'vipr_vrrp_malformed_packets_total', { reason: 'hop-limit' }).value, 10);
  assert.equal(sample(families, 'vipr_vrrp_unknown_router_advertisements_total', {}).value, 11);
  assert.equal(sample(families, 'vipr_vrrp_group_state', { group: 'VG' }).value, 2);
  assert.equal(sample(families, 'keepalived_script_status', { name: 'chk_haproxy' }).value, 1);
  assert.equal(sample(families, 'keepalived_script_status', { name: 'chk_disk' }).value, 0);
  assert.equal(sample(families, 'keepalived_up', {}).value, 1);
});

test('synchronisation is what the engine says, and of daemons that it does not know only that they run', async () => {
  engine.knownDaemons = DAEMONS;
  const kernel = await scrape(['sync']);
  assert.equal(kernel.get('vipr_sync_daemon_info')?.samples.length, 2);
  assert.deepEqual(
    [...kernel.values()].filter(({ samples }) => samples.length > 0).map(({ name }) => name),
    ['vipr_sync_daemon_info'],
  );
  operated.configured = CONFIGURED;
  engine.syncStatus = SYNC;
  const families = await scrape(['sync']);
  for (const [name, value] of [
    ['sent_records_total', 1234],
    ['sent_datagrams_total', 45],
    ['sent_bytes_total', 61_234],
    ['sent_tables_total', 1],
    ['sent_table_records_total', 1000],
    ['discarded_records_total', 3],
    ['send_errors_total', 2],
    ['synchronised', 0],
    ['masters', 2],
    ['received_datagrams_total', 46],
    ['received_bytes_total', 62_345],
    ['missed_datagrams_total', 11],
  ] as const) {
    assert.equal(sample(families, `vipr_sync_${name}`, {}).value, value, name);
  }
  for (const role of ['master', 'backup'])
    assert.equal(sample(families, 'vipr_sync_faulty', { role }).value, 1);
  const follows = { role: '', follow: 'VI_1', interface: 'eth0', sync_id: '7' };
  assert.equal(sample(families, 'vipr_sync_daemon_running', follows).value, 1);
  const fixed = { role: 'master', follow: '', interface: 'eth9', sync_id: '8' };
  assert.equal(sample(families, 'vipr_sync_daemon_running', fixed).value, 0);
  assert.equal(sample(families, 'vipr_sync_received_records_total', { outcome: 'no-service' }).value, 3);
  assert.equal(sample(families, 'vipr_sync_dismissed_datagrams_total', { reason: 'own' }).value, 7);
});

test('where there is neither, nothing is said of VRRP and synchronisation', async () => {
  const families = await scrape(['vrrp', 'sync']);
  assert.ok(families.size > 30);
  assert.deepEqual(
    [...families.values()].flatMap(({ samples }) => samples),
    [],
  );
});

test('the histogram of latencies takes every attempt', async () => {
  const count = async (kind: string) =>
    sample(await scrape(['checks']), 'vipr_check_latency_seconds', { kind }, '_count').value;
  await scrape(['checks']);
  for (const latency of [1, 40, 40]) operated.attempt({ kind: 'http', latency });
  operated.attempt({ kind: 'misc', latency: 2000 });
  assert.deepEqual([await count('http'), await count('http'), await count('misc')], [3, 3, 1]);
  const sum = sample(await scrape(['checks']), 'vipr_check_latency_seconds', { kind: 'http' }, '_sum').value;
  assert.equal(Math.round(sum * 1000), 81);
  const families = await scrape(['checks']);
  const buckets = families
    .get('vipr_check_latency_seconds')
    ?.samples.filter((each) => each.name.endsWith('_bucket') && each.labels.kind === 'http')
    .map(({ value }) => value);
  assert.deepEqual([buckets?.at(0), buckets?.at(-1)], [1, 3]);
  assert.deepEqual([...(buckets ?? [])].sort(), buckets);
});

test('every family that is announced is written, and has a help that is a sentence', async () => {
  const families = await scrape();
  for (const { name, help } of METRIC_SOURCES.flatMap((source) => source.families)) {
    assert.equal(families.get(name)?.help, help);
    assert.match(help, /^[A-Z0-9].*\.$/, name);
    if (families.get(name)?.type === 'counter') assert.match(name, /_total$/);
    else assert.doesNotMatch(name, /_total$/);
  }
});

test('any text can be the value of a label', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (one, other) => {
      const text = `# HELP a b\n# TYPE a gauge\na{${labels({ one, other })}} 1\n`;
      assert.deepEqual(parseMetrics(text).get('a')?.samples[0]?.labels, { one, other });
    }),
  );
});

test('they are served in the type of the text format, in groups where they are asked for', async () => {
  await using api = await served();
  assert.ok(parseMetrics((await api.send('GET', '/metrics')).body).size > 80);
  const some = parseMetrics((await api.send('GET', '/metrics?collect[]=ipvs&collect%5B%5D=process')).body);
  assert.ok([...some.keys()].every((name) => /^(node_ipvs|vipr_process|vipr_nodejs)_/.test(name)));
  assert.ok(some.has('node_ipvs_connections_total') && some.has('vipr_process_open_fds'));
});

async function served(): Promise<RunningApi & AsyncDisposable> {
  const api = await RunningApi.start(engine, {}, operated);
  return Object.assign(api, { [Symbol.asyncDispose]: () => api.close() });
}

async function scrape(groups?: readonly MetricGroup[]): Promise<ReadonlyMap<string, ParsedFamily>> {
  return parseMetrics((await Array.fromAsync(writeMetrics(director, groups))).join(''));
}

function sample(families: ReadonlyMap<string, ParsedFamily>, name: string, of: object, suffix = '') {
  const wanted = JSON.stringify(Object.entries(of).sort());
  const found = families
    .get(name)
    ?.samples.find(
      (each) => each.name === name + suffix && JSON.stringify(Object.entries(each.labels).sort()) === wanted,
    );
  assert.ok(found !== undefined, `${name} ${wanted}`);
  return found;
}

function assertCounters(
  families: ReadonlyMap<string, ParsedFamily>,
  prefix: string,
  of: object,
  counters: Counters,
): void {
  for (const [name, value] of [
    ['connections', counters.connections],
    ['incoming_packets', counters.inPackets],
    ['outgoing_packets', counters.outPackets],
    ['incoming_bytes', counters.inBytes],
    ['outgoing_bytes', counters.outBytes],
  ] as const) {
    assert.equal(sample(families, `${prefix}_${name}_total`, of).text, String(value));
  }
}

function service(
  id: ServiceId,
  connections: bigint,
  destinations: readonly DestinationStatus[],
): ServiceStatus {
  return {
    id,
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: '255.255.255.255' as never,
    onePacket: false,
    destinations,
    statistics: statistics(connections),
  };
}

function destination(address: string, connections: bigint, weight: number): DestinationStatus {
  return {
    address: address as never,
    port: 80 as never,
    forwarding: 'masquerade',
    weight: weight as never,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: IPIP_TUNNEL,
    activeConnections: 10,
    inactiveConnections: 20,
    persistentConnections: 30,
    statistics: statistics(connections),
  };
}

function statistics(connections: bigint): ServiceStatus['statistics'] {
  const counters = {
    connections,
    inPackets: connections + 1n,
    outPackets: connections + 2n,
    inBytes: connections + 3n,
    outBytes: connections + 4n,
  };
  return { counters, rates: counters };
}
