import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import { daemonOf } from '../../model/daemon-defaults.ts';
import type { Port } from '../../model/unit.ts';
import { daemonDifferences } from './daemon-differences.ts';

const BACKUP: SyncDaemonSettings = { role: 'backup', interface: 'eth1', syncId: 51 };
const MASTER: SyncDaemonSettings = { role: 'master', interface: 'eth0', syncId: 9 };
const JUMBO = 9000;

function told(running: readonly SyncDaemon[], expected: readonly SyncDaemonSettings[]): string[] {
  return daemonDifferences(running, expected).flatMap(({ text, short }) => [text, short]);
}

test('a daemon that runs as expected is no difference, whatever its interface takes', () => {
  assert.deepEqual(told([daemonOf(MASTER, JUMBO), daemonOf(BACKUP, JUMBO)], [BACKUP, MASTER]), []);
});

test('one that is missing was stopped, and one that nobody expects was started', () => {
  assert.deepEqual(told([daemonOf(MASTER, 1500)], [BACKUP]), [
    'stopped the backup synchronisation daemon on eth1, ID 51',
    'stopped it',
    'started the master synchronisation daemon on eth0, ID 9',
    'started one with other settings',
  ]);
});

test('one with other settings was changed: those that differ are told, and no others', () => {
  const port = 8850 as Port;
  assert.deepEqual(told([daemonOf({ ...BACKUP, interface: 'eth0', port }, JUMBO)], [BACKUP]), [
    'changed the backup synchronisation daemon on eth1, ID 51: interface eth1 -> eth0, port 8848 -> 8850',
    'changed it: interface eth1 -> eth0, port 8848 -> 8850',
  ]);
  assert.deepEqual(told([daemonOf({ ...BACKUP, maxLength: 1100 }, 1500)], [BACKUP]).slice(1), [
    'changed it: longest datagram 1472 bytes -> 1100 bytes',
  ]);
});
