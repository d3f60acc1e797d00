import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSettings, type SettingsRecord } from '../codec/settings-codec.ts';
import * as layout from '../layout.gen.ts';
import { DEFAULT_SYSCTLS, type Sysctls, sysctlSettings } from './sysctl.ts';
import { TableMonitor } from './table-monitor.ts';

class Bench {
  settings: SettingsRecord = { ...decodeSettings(new Uint8Array(layout.SIZE.settings)), hz: 250 };
  readonly totals = new Map<number, bigint>();
  entries = 0;
  readonly log: string[] = [];
  readonly monitor: TableMonitor;

  constructor(sysctls: Partial<Sysctls> = {}) {
    this.monitor = new TableMonitor(
      { sysctls: { ...DEFAULT_SYSCTLS, ...sysctls }, room: 8000 },
      {
        settings: {
          change: (change) => {
            this.settings = { ...this.settings, ...change(this.settings) };
          },
        },
        totals: { read: (total) => this.totals.get(total) ?? 0n, entries: () => this.entries },
        info: (text) => this.log.push(`info ${text}`),
        warn: (text) => this.log.push(`warn ${text}`),
      },
    );
  }

  look(entries: number, now = 0): SettingsRecord {
    this.entries = entries;
    this.monitor.look(now);
    return this.settings;
  }
}

test('from seven eighths on half-open connections live shorter, until a quarter is free', () => {
  const bench = new Bench();
  assert.equal(bench.look(6999).embryonicLimit, 0);
  assert.equal(bench.look(7000).embryonicLimit, 10 * 250);
  assert.equal(bench.look(7500).embryonicLimit, 5 * 250);
  assert.equal(bench.look(8000).embryonicLimit, 250);
  assert.equal(bench.look(6500).embryonicLimit, 10 * 250);
  assert.equal(bench.look(5999).embryonicLimit, 0);
  assert.deepEqual(bench.log, [
    'warn the connection table is almost full: 7000 of 8000 entries; defences are on',
    'info the connection table has room again: 5999 of 8000 entries',
  ]);
});

test('defences: 0 is never, 1 and 2 while the table is almost full, 3 always', () => {
  const all = layout.SETTING_DROP_ENTRY | layout.SETTING_DROP_PACKET | layout.SETTING_SECURE_TCP;
  for (const [mode, calm, full] of [
    [0, 0, 0],
    [1, 0, all],
    [2, 0, all],
    [3, all, all],
  ] as const) {
    const bench = new Bench({ drop_entry: mode, drop_packet: mode, secure_tcp: mode });
    bench.settings = { ...bench.settings, flags: layout.SETTING_PMTU_DISC };
    assert.equal(bench.look(0).flags, calm | layout.SETTING_PMTU_DISC);
    assert.equal(bench.look(7900).flags, full | layout.SETTING_PMTU_DISC);
    assert.equal(bench.look(0).flags, calm | layout.SETTING_PMTU_DISC);
  }
});

test('the fuller, the more packets are dropped; am_droprate holds where it is always on', () => {
  const auto = new Bench({ drop_packet: 1 });
  assert.deepEqual(
    [7000, 7001, 7100, 7500, 7999, 8000].map((entries) => auto.look(entries).dropPacketRate),
    [1000, 1000, 10, 2, 1, 1],
  );
  assert.equal(new Bench({ drop_packet: 3, am_droprate: 7 }).look(0).dropPacketRate, 7);
});

test('what goes wrong is told once in ten seconds, with how often', () => {
  const bench = new Bench();
  const full = (count: bigint) => bench.totals.set(layout.TOTAL_TABLE_FULL, count);
  full(5n);
  bench.look(0, 1000);
  full(7n);
  bench.look(0, 2000);
  bench.look(0, 10_999);
  assert.equal(bench.log.length, 1);
  assert.match(
    bench.log.pop() ?? '',
    /^warn 5 packets dropped, as the connection table is full: raise connections/,
  );
  bench.look(0, 11_000);
  assert.match(bench.log.pop() ?? '', /^warn 2 packets/);
  bench.look(0, 60_000);
  assert.deepEqual(bench.log, []);
});

test('what an earlier director saw is not told again', () => {
  const totals = new Map([[layout.TOTAL_NO_NEXT_HOP, 9n]]);
  const log: string[] = [];
  const monitor = new TableMonitor(
    { sysctls: DEFAULT_SYSCTLS, room: 100 },
    {
      settings: { change: () => undefined },
      totals: { read: (total) => totals.get(total) ?? 0n, entries: () => 0 },
      info: () => undefined,
      warn: (text) => log.push(text),
    },
  );
  monitor.look(0);
  assert.deepEqual(log, []);
});

test('sysctls that are switches become flags, and leave the others alone', () => {
  const before = { flags: layout.SETTING_MARK_SERVICES | layout.SETTING_SLOPPY_TCP };
  assert.deepEqual(
    sysctlSettings({ ...DEFAULT_SYSCTLS, expire_nodest_conn: 1, conn_reuse_mode: 3 }, 250, before),
    {
      flags: layout.SETTING_MARK_SERVICES | layout.SETTING_PMTU_DISC | layout.SETTING_EXPIRE_NODEST_CONN,
      connReuseMode: 3,
      syncThreshold: 3,
      syncPeriod: 50,
      syncRefresh: 0,
      syncRetries: 0,
    },
  );
});

test('sysctls of synchronisation are in jiffies where they are times', () => {
  const sysctls = {
    ...DEFAULT_SYSCTLS,
    sync_threshold: [7, 0],
    sync_refresh_period: 10,
    sync_retries: 2,
  } as const;
  const { flags, ...settings } = sysctlSettings({ ...sysctls, sync_persist_mode: 1 }, 250, { flags: 0 });
  assert.equal(flags & layout.SETTING_SYNC_PERSIST_MODE, layout.SETTING_SYNC_PERSIST_MODE);
  assert.deepEqual(settings, {
    connReuseMode: 1,
    syncThreshold: 7,
    syncPeriod: 0,
    syncRefresh: 2500,
    syncRetries: 2,
  });
});
