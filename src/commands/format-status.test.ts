// biome-ignore-all lint/suspicious/noThenProperty: drains, which nobody awaits
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DirectorStatus } from '../api/client.ts';
import { parseConfig } from '../config/load-config.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import type { DestinationKey } from '../model/destination.ts';
import { diffTables } from '../model/diff.ts';
import type { ServiceKey } from '../model/service.ts';
import { DEFAULT_TIMEOUTS, type TableSnapshot } from '../model/table.ts';
import { formatStatus, statusJson } from './format-status.ts';

const STARTED = '2026-01-02T03:04:05.000Z';

async function statusOf(config: string, faults: Record<string, string> = {}): Promise<DirectorStatus> {
  const engine = new MemoryEngine();
  const { table } = parseConfig(config, 'vipr.yaml');
  await engine.execute(diffTables({ services: [], timeouts: DEFAULT_TIMEOUTS }, table));
  return {
    director: { pid: 42, version: '1.2.3', startedAt: STARTED, engineReason: 'asked for by --engine' },
    engine: await engine.info(),
    table: busy(await engine.snapshot()),
    faults: new Map(Object.entries(faults).map(([key, reason]) => [key as ServiceKey, reason])),
  };
}

/** The table with connections, which the memory engine has none of. */
function busy(table: TableSnapshot): TableSnapshot {
  const services = table.services.map((service) => ({
    ...service,
    destinations: service.destinations.map((destination, index) => ({
      ...destination,
      activeConnections: 12 * index,
      inactiveConnections: 1234,
    })),
  }));
  return { ...table, services };
}

test('services come with their destinations in columns, and with what is wrong with them', async () => {
  const status = await statusOf(
    `timeouts: { tcp: 600 }
services:
  - service: tcp 192.0.2.10:443
    scheduler: sh
    flags: [sh-port]
    persistence: { timeout: 60, netmask: 255.255.255.0 }
    destinations:
      - { address: 10.0.0.11:443, weight: 100 }
      - { address: 10.0.0.112:443, weight: 0, upper-threshold: 9, proxy-protocol: v2 }
  - service: udp [2001:db8::10]:53
    one-packet: true
`,
    { 'tcp 192.0.2.10:443': 'the address is not local', 'tcp 192.0.2.99:80': 'the port is taken' },
  );
  const text = formatStatus(
    { ...status, director: { ...status.director, configFile: '/etc/vipr.yaml' } },
    Date.parse(STARTED) + 7_384_000,
  );
  assert.equal(
    text,
    `vipr 1.2.3, pid 42, up 2 h 3 min
engine memory (asked for by --engine)
configuration /etc/vipr.yaml
timeouts tcp 600 s, tcpfin 120 s, udp 300 s

udp [2001:db8::10]:53  scheduler wlc, one-packet on
  no destinations

tcp 192.0.2.10:443  scheduler sh, flags 2, persistence 60 s, netmask 255.255.255.0
  FAULT: the address is not local
  destination     method      weight  active  inactive
  10.0.0.112:443  masquerade       0       0      1234  upper threshold 9, proxy protocol v2
  10.0.0.11:443   masquerade     100      12      1234

tcp 192.0.2.99:80
  FAULT: the port is taken
`,
  );
});

test('a table without services says so', async () => {
  assert.match(formatStatus(await statusOf(''), Date.parse(STARTED)), /, up 0 s\n[\s\S]*\n\nno services\n$/);
});

for (const [seconds, shown] of [
  [59, '59 s'],
  [60, '1 min 0 s'],
  [3 * 86_400 + 7200 + 59, '3 d 2 h'],
  [-5, '0 s'],
] as const) {
  test(`${seconds} seconds are ${shown}`, async () => {
    const text = formatStatus(await statusOf(''), Date.parse(STARTED) + seconds * 1000);
    assert.ok(text.includes(`up ${shown}\n`), text);
  });
}

test('as JSON the status has everything, counters as strings', async () => {
  const { table } = JSON.parse(statusJson(await statusOf('services: [{ service: fwmark 3 }]')));
  assert.deepEqual(table.services[0].id, { kind: 'fwmark', fwmark: 3, family: 'inet' });
  assert.equal(table.services[0].statistics.counters.inBytes, '0');
});

test('interfaces that have the programs are told, and that none has', async () => {
  const status = await statusOf('');
  const attachments = [
    { interface: 'eth0', xdp: 'native', tc: 'tcx', note: 'driver ice' },
    { interface: 'veth3', tc: 'clsact', note: 'tc was asked for' },
  ] as const;
  const lines = (engine: DirectorStatus['engine']) =>
    formatStatus({ ...status, engine }, Date.parse(STARTED))
      .split('\n')
      .slice(2, -4);
  assert.deepEqual(lines({ ...status.engine, attachments }), [
    'interface eth0: XDP (native) and tc (tcx): driver ice',
    'interface veth3: tc (clsact): tc was asked for',
  ]);
  assert.deepEqual(lines({ ...status.engine, attachments: [] }), [
    'no interface has the programs: no packet is balanced',
  ]);
  assert.deepEqual(lines(status.engine), []);
});

test('health, drains and drift are told where there are any', async () => {
  const status = await statusOf('services: [{ service: "tcp 192.0.2.10:80" }]');
  const service = 'tcp 192.0.2.10:80' as ServiceKey;
  const destination = '10.0.0.11:80' as DestinationKey;
  const text = formatStatus(
    {
      ...status,
      health: [
        {
          service,
          quorum: { state: 'down', needed: 1, hysteresis: 0, alive: 0 },
          destinations: [
            {
              destination,
              role: 'real',
              state: 'down',
              since: STARTED,
              configuredWeight: 1,
              checks: [
                {
                  kind: 'tcp',
                  target: 'tcp 10.0.0.11:80',
                  state: 'down',
                  since: STARTED,
                  detail: 'connection refused',
                  attempts: 3,
                  failures: 3,
                },
              ],
            },
          ],
        },
      ],
      drains: [
        {
          service,
          destination,
          state: 'draining',
          then: 'leave',
          startedAt: STARTED,
          deadlineAt: new Date(Date.parse(STARTED) + 60_000).toISOString(),
          connectionsAtStart: 7,
          activeConnections: 2,
          inactiveConnections: 1,
          persistentConnections: 0,
        },
      ],
      drift: [
        { action: 'change', service, destination, fields: [{ field: 'weight', before: '1', after: '5' }] },
      ],
    },
    Date.parse(STARTED) + 1000,
  );
  const [, after = ''] = text.split('udp 300 s\n');
  assert.equal(
    after.split('\n\n')[0],
    `health: destinations up 0 of 1, no quorum: tcp 192.0.2.10:80
tcp 192.0.2.10:80 -> 10.0.0.11:80: DOWN: tcp 10.0.0.11:80: connection refused
drain tcp 192.0.2.10:80 -> 10.0.0.11:80: draining, active 2, inactive 1, at the start 7; 59 s left
drift: another program changed tcp 192.0.2.10:80 -> 10.0.0.11:80: weight 1 -> 5`,
  );
  assert.deepEqual(JSON.parse(statusJson({ ...status, health: [], drains: [], drift: [] })).drains, []);
});
