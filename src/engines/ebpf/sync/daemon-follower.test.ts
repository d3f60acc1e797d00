import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ip } from '../../../../test/engine/sample-table.ts';
import type { SyncDaemon } from '../../../model/daemon.ts';
import type { Port } from '../../../model/unit.ts';
import { SETTING_BACKUP_ONLY } from '../layout.gen.ts';
import { DaemonFollower } from './daemon-follower.ts';

const MASTER: SyncDaemon = {
  role: 'master',
  interface: 'eth0',
  syncId: 1,
  maxLength: 1472,
  group: ip('224.0.0.81'),
  port: 8848 as Port,
  ttl: 1,
};
const BACKUP: SyncDaemon = { ...MASTER, role: 'backup' };

test('daemons start and stop as they are listed, and those that changed do both', async () => {
  const { follower, log } = makeFollower();
  await follower.follow([BACKUP]);
  await follower.follow([MASTER, BACKUP]);
  await follower.follow([{ ...MASTER }, { ...BACKUP }]);
  assert.deepEqual(log.splice(0), ['start backup 1', 'start master 1']);
  const first = follower.follow([{ ...MASTER, syncId: 2 }, BACKUP]);
  const second = follower.follow([]);
  await Promise.all([first, second]);
  assert.deepEqual(log, ['stop master', 'start master 2', 'stop backup', 'stop master']);
});

test('daemons are told the limits of their sysctls', async () => {
  const { follower, options } = makeFollower();
  await follower.follow([MASTER]);
  assert.deepEqual(options, [{ queueLength: 77, socketBytes: 65536 }]);
});

test('backup_only holds while there is a backup and no master', async () => {
  const { follower, flag } = makeFollower({ backup_only: 1 });
  assert.equal(flag(), false);
  await follower.follow([BACKUP]);
  assert.equal(flag(), true);
  await follower.follow([MASTER, BACKUP]);
  assert.equal(flag(), false);
  await follower.follow([BACKUP]);
  assert.equal(flag(), true);
  await follower.follow([]);
  assert.equal(flag(), false);
  const without = makeFollower();
  await without.follower.follow([BACKUP]);
  assert.equal(without.flag(), false);
});

function makeFollower({ backup_only = 0 } = {}) {
  const log: string[] = [];
  const options: unknown[] = [];
  let backupOnly: boolean | undefined;
  const follower = new DaemonFollower({
    service: {
      start: ({ role, syncId }, given) => {
        log.push(`start ${role} ${syncId}`);
        options.push(given);
      },
      stop: async (role) => {
        await Promise.resolve();
        log.push(`stop ${role}`);
      },
    },
    settings: {
      setFlag: (flag, on) => {
        assert.equal(flag, SETTING_BACKUP_ONLY);
        backupOnly = on;
      },
    },
    sysctls: { backup_only, sync_qlen_max: 77, sync_sock_size: 65536 },
  });
  return { follower, log, options, flag: () => backupOnly };
}
