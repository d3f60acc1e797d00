import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CONFIGURED, DAEMONS, SYNC } from '../api/fake-high-availability.ts';
import type { Synchronisation } from '../api/protocol.ts';
import type { SyncBackupStatus, SyncSourceStatus } from '../model/sync-status.ts';
import { formatSync, isSound, syncJson, syncSummary } from './format-sync.ts';

const NOW = Date.parse('2026-01-02T05:09:05.678Z');
const TROUBLED: Synchronisation = { daemons: DAEMONS, ...CONFIGURED, ...SYNC };
const KERNEL: Synchronisation = { daemons: DAEMONS, configured: [] };
const NOTHING: Synchronisation = { daemons: [], configured: [] };

/** A backup with which all is well, that has heard this master. */
function sound(source?: SyncSourceStatus): Synchronisation {
  const { fault: _, waitingFor: __, ...backup } = SYNC.backup as SyncBackupStatus;
  const [, daemon] = DAEMONS;
  const masters = source === undefined ? [] : [source];
  const records = {
    ...backup.records,
    'no-service': 0,
    'no-destination': 0,
    unsupported: 0,
    'table-full': 0,
  };
  return {
    daemons: daemon === undefined ? [] : [daemon],
    configured: [],
    backup: { ...backup, records, dismissed: {}, masters, isSynchronised: true },
  };
}

describe('formatSync', () => {
  it('tells of each daemon what it did, and what is wrong', () => {
    assert.equal(
      formatSync(TROUBLED, NOW, false),
      `master  does NOT run, for 2 h 5 min now: no interface eth9
  interface eth9, sync ID 8, as the configuration has it

master  runs for 2 h 5 min
  interface eth0, sync ID 7, 224.0.0.81:8848, TTL 1, at most 1472 bytes
  FAULT: interface eth0 is down
  sent 1234 records in 45 datagrams, 61234 bytes
  never sent: 3 records; refused by the system: 2 datagrams
  whole tables sent: 1, with 1000 records

backup  runs for 2 h 5 min, NOT synchronised: waits for the whole table of 10.0.0.2
  interface eth0, sync ID 7, 224.0.0.81:8848, TTL 1, at most 1472 bytes
  of the configuration, follows VRRP VI_1
  FAULT: address in use
  received 51 records in 46 datagrams, 62345 bytes
  records: added 10, updated 20, moved 1, kept 2
  records not taken: no-service 3, no-destination 4, unsupported 5, table-full 6
  datagrams not used: own 7, length 8
  from 10.0.0.2, heard 2 h 5 min ago, missed 9 datagrams
    whole table failed 2 h 5 min ago, after 500 records: connection reset
  from 10.0.0.3, heard 2 h 5 min ago, gives no table and tells of none that are missed

VRRP takes over from no living master, and waits for the whole table of 10.0.0.2
`,
    );
  });

  it('leaves out what is not there', () => {
    assert.equal(
      formatSync(sound(), NOW, false),
      `backup  runs for 2 h 5 min, synchronised
  interface eth0, sync ID 7, 224.0.0.81:8848, TTL 1, at most 1472 bytes
  received 33 records in 46 datagrams, 62345 bytes
  records: added 10, updated 20, moved 1, kept 2
  has heard no master
`,
    );
  });

  it('tells how far a whole table is', () => {
    const source = {
      address: '10.0.0.2' as never,
      givesTable: true,
      missed: 0,
      lastHeard: '2026-01-02T05:09:04.678Z',
    };
    const table = { records: 500, at: '2026-01-02T05:09:00.678Z' };
    for (const [state, line] of [
      ['running', 'comes since 5 s: 500 records so far'],
      ['complete', 'complete since 5 s: 500 records'],
      ['failed', 'failed 5 s ago, after 500 records'],
    ] as const) {
      const text = formatSync(sound({ ...source, table: { ...table, state } }), NOW, false);
      assert.match(text, new RegExp(`missed 0 datagrams\n    whole table ${line}\n$`));
    }
  });

  it('has no counts of the kernel, and colours on a terminal', () => {
    assert.match(
      formatSync(KERNEL, NOW, true),
      /^master {2}runs; its engine tells no counts\n {2}interface eth0/,
    );
    assert.ok(formatSync(TROUBLED, NOW, true).includes(', \u001b[31mNOT synchronised: waits'));
    assert.ok(formatSync(TROUBLED, NOW, true).startsWith('master  \u001b[31mdoes NOT run\u001b[0m, for'));
    assert.ok(formatSync(sound(), NOW, true).includes(', \u001b[32msynchronised\u001b[0m\n'));
    assert.equal(formatSync(NOTHING, NOW, true), 'no synchronisation daemon runs, and none is configured\n');
    assert.deepEqual(JSON.parse(syncJson(TROUBLED)), TROUBLED);
  });
});

it('syncSummary is one line', () => {
  assert.equal(syncSummary(KERNEL), 'master on eth0; backup on eth0');
  assert.equal(syncSummary(sound()), 'backup on eth0, synchronised');
  assert.equal(
    syncSummary(TROUBLED),
    'master on eth9 does NOT run: no interface eth9; master on eth0, FAULT: interface eth0 is down; ' +
      'backup on eth0, NOT synchronised: waits for the whole table of 10.0.0.2, FAULT: address in use',
  );
});

it('isSound knows what is wrong', () => {
  assert.deepEqual([KERNEL, sound(), NOTHING, TROUBLED].map(isSound), [true, true, true, false]);
  const { master } = SYNC;
  assert.equal(isSound({ ...NOTHING, ...(master !== undefined && { master }) }), false);
  const stopped = { role: 'backup', interface: 'eth1', syncId: 7, runs: false } as const;
  const without: Synchronisation = { daemons: [], configured: [stopped] };
  assert.equal(isSound(without), false, 'one that should run does not');
  assert.equal(isSound({ daemons: [], configured: [{ ...stopped, runs: true }] }), true);
  assert.equal(
    formatSync(without, NOW, false),
    'backup  does NOT run\n  interface eth1, sync ID 7, as the configuration has it\n',
  );
  assert.equal(syncSummary(without), 'backup on eth1 does NOT run');
});
