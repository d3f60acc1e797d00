import type { ConfiguredSync } from '../model/configured-sync.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import type { SyncStatus } from '../model/sync-status.ts';
import type { VrrpStatus } from '../model/vrrp-status.ts';

/** VRRP and synchronisation that use every field, for tests. */

const SINCE = '2026-01-02T03:04:05.678Z';

export const VRRP: VrrpStatus = {
  instances: [
    {
      name: 'VI_1',
      interface: 'eth0',
      family: 'inet',
      version: 3,
      virtualRouterId: 51,
      state: 'master',
      since: SINCE,
      priority: 150,
      configuredPriority: 150,
      addresses: ['192.0.2.10', '192.0.2.11'] as never,
      source: '10.0.0.1' as never,
      lastHeard: { address: '10.0.0.2' as never, priority: 100, at: SINCE },
      faults: [],
      group: 'VG',
      counts: {
        sent: 1234,
        received: 17,
        priorityZeroSent: 1,
        priorityZeroReceived: 2,
        dismissed: { interval: 3, addresses: 4, authentication: 5, peer: 6 },
        becameMaster: 2,
        releasedMaster: 1,
        conflicts: 7,
        revokedFarewells: 8,
      },
    },
    {
      name: 'VI_2',
      interface: 'eth1',
      family: 'inet6',
      version: 3,
      virtualRouterId: 52,
      state: 'fault',
      since: SINCE,
      priority: 90,
      configuredPriority: 100,
      addresses: ['2001:db8::10'] as never,
      faults: ['interface eth1 is down'],
      heldBy: 'the whole table of 10.0.0.2',
      counts: {
        sent: 0,
        received: 0,
        priorityZeroSent: 0,
        priorityZeroReceived: 0,
        dismissed: {},
        becameMaster: 0,
        releasedMaster: 0,
        conflicts: 0,
        revokedFarewells: 0,
      },
    },
  ],
  groups: [{ name: 'VG', state: 'master', instances: ['VI_1'] }],
  scripts: [
    { name: 'chk_haproxy', state: 'up', detail: 'exited with 0' },
    { name: 'chk_disk', state: 'down' },
  ],
  packets: { malformed: { checksum: 9, 'hop-limit': 10 }, unknownRouter: 11 },
};

const SETTINGS = {
  interface: 'eth0',
  syncId: 7,
  maxLength: 1472,
  group: '224.0.0.81',
  port: 8848,
  ttl: 1,
} as const;
const MASTER = { role: 'master', ...SETTINGS } as unknown as SyncDaemon;
const BACKUP = { role: 'backup', ...SETTINGS } as unknown as SyncDaemon;

export const DAEMONS: readonly SyncDaemon[] = [MASTER, BACKUP];

export const CONFIGURED: ConfiguredSync = {
  configured: [
    { role: 'backup', follow: 'VI_1', interface: 'eth0', syncId: 7, runs: true },
    {
      role: 'master',
      interface: 'eth9',
      syncId: 8,
      runs: false,
      failure: { text: 'no interface eth9', since: SINCE },
    },
  ],
  hold: 'the whole table of 10.0.0.2',
};

export const SYNC: SyncStatus = {
  master: {
    ...MASTER,
    since: SINCE,
    fault: 'interface eth0 is down',
    datagrams: 45,
    records: 1234,
    bytes: 61_234,
    discarded: 3,
    sendErrors: 2,
    tables: { sent: 1, records: 1000 },
  },
  backup: {
    ...BACKUP,
    since: SINCE,
    fault: 'address in use',
    datagrams: 46,
    bytes: 62_345,
    records: {
      added: 10,
      updated: 20,
      moved: 1,
      kept: 2,
      'no-service': 3,
      'no-destination': 4,
      unsupported: 5,
      'table-full': 6,
    },
    dismissed: { own: 7, length: 8 },
    masters: [
      {
        address: '10.0.0.2' as never,
        givesTable: true,
        lastHeard: SINCE,
        missed: 9,
        table: { state: 'failed', records: 500, at: SINCE, detail: 'connection reset' },
      },
      { address: '10.0.0.3' as never, givesTable: false, lastHeard: SINCE, missed: 2 },
    ],
    isSynchronised: false,
    waitingFor: 'the whole table of 10.0.0.2',
  },
};
