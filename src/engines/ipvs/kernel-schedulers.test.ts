import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { schedulerNames } from '../../scheduling/registry.ts';
import { ALL_SCHEDULERS, kernelSchedulers } from './kernel-schedulers.ts';

test('the schedulers of a kernel are those that it has modules for, or built in', (t) => {
  const root = machineWith(t, {
    loadable: ['ip_vs.ko.xz', 'ip_vs_rr.ko', 'ip_vs_wlc.ko.zst', 'ip_vs_ftp.ko.xz'],
    builtIn: 'kernel/fs/ext4/ext4.ko\nkernel/net/netfilter/ipvs/ip_vs_mh.ko\n',
  });
  assert.deepEqual(kernelSchedulers(root), ['rr', 'wlc', 'mh', 'none']);
});

test('where no modules are to be seen all are taken to be there', (t) => {
  const none = machineWith(t, { loadable: [], builtIn: '' });
  assert.deepEqual(kernelSchedulers(none), [...ALL_SCHEDULERS, 'none']);
  assert.deepEqual(kernelSchedulers('/nonexistent'), [...ALL_SCHEDULERS, 'none']);
});

test('the kernel has every scheduler that vipr has', () => {
  assert.deepEqual([...ALL_SCHEDULERS].sort(), [...schedulerNames].sort());
});

function machineWith(
  t: TestContext,
  modules: { readonly loadable: readonly string[]; readonly builtIn: string },
): string {
  const root = mkdtempSync(join(tmpdir(), 'vipr-modules-'));
  t.after(() => rmSync(root, { recursive: true }));
  const directory = `${root}/lib/modules/6.1.0-test`;
  mkdirSync(`${root}/proc/sys/kernel`, { recursive: true });
  writeFileSync(`${root}/proc/sys/kernel/osrelease`, '6.1.0-test\n');
  mkdirSync(`${directory}/kernel/net/netfilter/ipvs`, { recursive: true });
  for (const name of modules.loadable) writeFileSync(`${directory}/kernel/net/netfilter/ipvs/${name}`, '');
  writeFileSync(`${directory}/modules.builtin`, modules.builtIn);
  return root;
}
