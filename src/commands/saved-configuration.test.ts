import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpAddress } from '../model/address.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import { DEFAULT_TIMEOUTS } from '../model/table.ts';
import type { Port } from '../model/unit.ts';
import { savedConfiguration } from './saved-configuration.ts';

const DAEMON: SyncDaemon = {
  role: 'backup',
  interface: 'eth1',
  syncId: 0,
  maxLength: 1472,
  group: '224.0.0.81' as IpAddress,
  port: 8848 as Port,
  ttl: 1,
};
const NOTHING = { services: [], timeouts: DEFAULT_TIMEOUTS };

test('a daemon that no section of the configuration has is told', () => {
  const told = /Not in it: the synchronisation daemon \(backup\) that runs\./;
  assert.match(savedConfiguration('services: []\n', NOTHING, 'ipvs', [DAEMON]), told);
  assert.doesNotMatch(savedConfiguration('services: []\n', NOTHING, 'ipvs'), told);
  const text = 'sync: [{ role: backup, interface: eth1 }]\nservices: []\n';
  assert.doesNotMatch(savedConfiguration(text, NOTHING, 'ipvs', [DAEMON]), told);
});
