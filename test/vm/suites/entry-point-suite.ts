import assert from 'node:assert/strict';
import { join } from 'node:path';
import { freshNamespace } from '../ipvsadm/namespace.ts';
import { CHECKOUT } from '../lab/cache.ts';
import type { Lab } from '../lab/lab-tests.ts';

const BIN = join(CHECKOUT, 'bin');
const NAMESPACE = 'entry';

/** The commands as users call them: bin/ipvsadm and its companions, each a process of its own. */
export function entryPointSuite(lab: Lab): void {
  lab.describe('bin/ipvsadm', () => {
    lab.it('loads ip_vs where the kernel has not yet', async (machine) => {
      await machine.run('modprobe -r ip_vs');
      await machine.expect('! grep -q ^ip_vs /proc/modules');
      const list = await machine.expect(`${BIN}/ipvsadm -Ln`);
      assert.equal(list, await machine.expect('/usr/sbin/ipvsadm -Ln'));
      await machine.expect('grep -q ^ip_vs /proc/modules');
    });

    lab.it('refuses who may not change the network, as the original does', async (machine) => {
      const unprivileged = 'setpriv --bounding-set -net_admin --inh-caps -net_admin';
      const original = await machine.run(`${unprivileged} /usr/sbin/ipvsadm -Ln`);
      const vipr = await machine.run(`${unprivileged} ${BIN}/ipvsadm -Ln`);
      assert.equal(original.exitCode, 2);
      assert.equal(vipr.exitCode, original.exitCode);
      assert.equal(vipr.stdout, original.stdout);
      assert.ok(vipr.stderr.startsWith(original.stderr), vipr.stderr);
    });

    lab.it('saves and restores with the original, both ways', async (machine) => {
      await freshNamespace(machine, NAMESPACE);
      const on = `ip netns exec ${NAMESPACE}`;
      const table = [
        '-A -t 192.0.2.10:80 -s wrr',
        '-a -t 192.0.2.10:80 -r 10.0.0.11:8080 -m -w 3',
        '-a -t 192.0.2.10:80 -r 10.0.0.12:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum',
        '-A -t [2001:db8::10]:443 -s sh -p 300 -M 64 -b sh-fallback,sh-port',
        '-a -t [2001:db8::10]:443 -r [fd00::11]:443 -g -w 0',
        '-A -f 7 -s rr',
        '-a -f 7 -r 10.0.0.11:0 -g -w 1',
      ];
      const lines = table.map((line) => `'${line}'`).join(' ');
      await machine.expect(`printf '%s\\n' ${lines} | ${on} ${BIN}/ipvsadm-restore`);
      const original = await machine.expect(`${on} /usr/sbin/ipvsadm -S -n`);
      assert.deepEqual(original.trimEnd().split('\n').toSorted(), table.toSorted());
      assert.equal(await machine.expect(`${on} ${BIN}/ipvsadm-save -n`), original);
      await machine.expect(`${on} ${BIN}/ipvsadm -C; printf '%s\\n' ${lines} | ${on} /usr/sbin/ipvsadm -R`);
      assert.equal(await machine.expect(`${on} ${BIN}/ipvsadm -Sn`), original);
      await machine.expect(`${on} ${BIN}/ipvsadm --clear`);
      assert.equal(await machine.expect(`${on} /usr/sbin/ipvsadm -Sn`), '');
    });
  });
}
