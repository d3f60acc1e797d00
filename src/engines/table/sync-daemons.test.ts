import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ip } from '../../../test/engine/sample-table.ts';
import type { DaemonRole, SyncDaemonSettings } from '../../model/daemon.ts';
import type { Port } from '../../model/unit.ts';
import { HostEnvironment } from './environment.ts';
import { SyncDaemons } from './sync-daemons.ts';

const environment = new HostEnvironment({
  interfaces: new Map([
    ['vs0', 1500],
    ['jumbo0', 9000],
    ['thin0', 1280],
    ['lo', 70000],
  ]),
});

describe('SyncDaemons', () => {
  test('defaults what is left out, as the kernel does', () => {
    assert.deepEqual(started('master', {}), {
      role: 'master',
      interface: 'vs0',
      syncId: 5,
      maxLength: 1472,
      group: '224.0.0.81',
      port: 8848,
      ttl: 1,
    });
  });

  test('keeps what is given', () => {
    const given = { group: ip('239.1.1.1'), port: 9000 as Port, ttl: 3, maxLength: 200 };
    assert.deepEqual(started('master', given), { role: 'master', interface: 'vs0', syncId: 5, ...given });
  });

  test('takes the length from the headers of the family, and for a backup from the interface', () => {
    const length = (role: DaemonRole, name: string, group = '224.0.0.81') =>
      started(role, { interface: name, group: ip(group) }).maxLength;
    assert.equal(length('master', 'jumbo0'), 1472);
    assert.equal(length('master', 'vs0', 'ff02::81'), 1452);
    assert.equal(length('backup', 'jumbo0'), 8972);
    assert.equal(length('backup', 'vs0', 'ff02::81'), 1452);
    assert.equal(length('backup', 'thin0'), 1472);
    assert.equal(length('backup', 'lo'), 65507);
  });

  test('clamps a given length by role', () => {
    const length = (role: DaemonRole, maxLength: number) => started(role, { maxLength }).maxLength;
    assert.deepEqual(
      [1, 10, 65535].map((given) => length('master', given)),
      [1, 10, 65507],
    );
    assert.deepEqual(
      [1, 10, 65535].map((given) => length('backup', given)),
      [1024, 1024, 65507],
    );
    assert.equal(length('master', 0), 1472);
  });

  test('refuses in the order of the kernel', () => {
    const daemons = new SyncDaemons(environment);
    const start = (changes: Partial<SyncDaemonSettings>, mixed = false) =>
      daemons.start({ role: 'master', interface: 'vs0', syncId: 5, ...changes }, mixed);
    start({});
    assert.throws(() => start({}), { code: 'DAEMON_RUNNING' });
    assert.throws(() => start({ interface: 'nosuch0' }), { code: 'INTERFACE_NOT_FOUND' });
    assert.throws(() => start({ interface: 'nosuch0' }, true), { code: 'INVALID_OPERATION' });
    assert.throws(() => start({ group: ip('fd00::1') }), { code: 'INVALID_OPERATION', message: /multicast/ });
    daemons.stop('master');
    assert.throws(() => daemons.stop('master'), { code: 'DAEMON_NOT_RUNNING' });
    assert.equal(daemons.running, false);
  });
});

function started(role: DaemonRole, changes: Partial<SyncDaemonSettings>) {
  const daemons = new SyncDaemons(environment);
  daemons.start({ role, interface: 'vs0', syncId: 5, ...changes }, false);
  const [daemon] = daemons.list();
  assert.ok(daemon);
  return daemon;
}
