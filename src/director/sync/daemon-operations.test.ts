import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import type { Port } from '../../model/unit.ts';
import { daemonOperations } from './daemon-operations.ts';

const MASTER: SyncDaemon = {
  role: 'master',
  interface: 'eth1',
  syncId: 51,
  maxLength: 1472,
  group: '224.0.0.81' as IpAddress,
  port: 8848 as Port,
  ttl: 1,
};
const BACKUP: SyncDaemon = { ...MASTER, role: 'backup', maxLength: 8972 };

describe('daemonOperations', () => {
  it('leaves what runs as it is to run', () => {
    const wanted = (['master', 'backup'] as const).map((role) => ({ role, interface: 'eth1', syncId: 51 }));
    assert.deepEqual(daemonOperations([MASTER, BACKUP], wanted), []);
    assert.deepEqual(daemonOperations([MASTER, BACKUP], [MASTER, BACKUP]), []);
  });

  it('starts a master before it stops the backup', () => {
    const daemon = { role: 'master', interface: 'eth1', syncId: 51 } as const;
    assert.deepEqual(daemonOperations([BACKUP], [daemon]), [
      { kind: 'start-daemon', daemon },
      { kind: 'stop-daemon', role: 'backup' },
    ]);
    assert.deepEqual(daemonOperations([MASTER, BACKUP], []), [
      { kind: 'stop-daemon', role: 'master' },
      { kind: 'stop-daemon', role: 'backup' },
    ]);
  });

  it('starts anew what differs in any of its settings', () => {
    const plain: SyncDaemonSettings = { role: 'master', interface: 'eth1', syncId: 51 };
    const others: Partial<SyncDaemonSettings>[] = [
      { interface: 'eth2' },
      { syncId: 52 },
      { group: '224.0.0.82' as IpAddress },
      { port: 8849 as Port },
      { ttl: 2 },
      { maxLength: 1400 },
    ];
    for (const other of others) {
      const daemon = { ...plain, ...other };
      assert.deepEqual(
        daemonOperations([MASTER], [daemon]),
        [
          { kind: 'stop-daemon', role: 'master' },
          { kind: 'start-daemon', daemon },
        ],
        JSON.stringify(other),
      );
      assert.equal(daemonOperations([{ ...MASTER, ...other }], [plain]).length, 2, 'back to the defaults');
    }
  });

  it('knows what the kernel makes of lengths', () => {
    const backup = (maxLength?: number): SyncDaemonSettings => {
      return { role: 'backup', interface: 'eth1', syncId: 51, ...(maxLength !== undefined && { maxLength }) };
    };
    const least = { ...BACKUP, maxLength: 1024 };
    assert.deepEqual(daemonOperations([least], [backup(10)]), [], 'a backup takes 1024 at least');
    assert.equal(daemonOperations([least], [backup()]).length, 2, 'and without a length 1472 at least');
    const group = 'ff02::81' as IpAddress;
    const long = { ...MASTER, group, maxLength: 65_487 };
    assert.deepEqual(daemonOperations([long], [{ ...long, maxLength: 65_507 }]), [], 'less the IPv6 header');
    const { maxLength: _, ...usual } = { ...MASTER, group };
    assert.deepEqual(daemonOperations([{ ...MASTER, group, maxLength: 1452 }], [usual]), []);
  });
});
