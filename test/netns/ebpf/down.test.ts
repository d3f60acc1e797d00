/** vipr down takes everything away. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { HeldConnections } from './fixture/held-connections.ts';
import { answering, rulesOfService, startServers } from './fixture/http-servers.ts';
import { kernelObjects, remaining } from './fixture/kernel-objects.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const VIP = '192.0.2.10';

onEachAttach(
  'vipr down',
  {
    skip: labUnavailable('nginx', 'curl', 'bpftool'),
    servers: 2,
    part: 'xdp',
    prepare: async (site) => {
      await startServers(site);
      await site.restore(rulesOfService(VIP, '-m'));
    },
  },
  (site) => {
    it('leaves nothing in the kernel, and traffic ends', async () => {
      const { client, director } = site().lab;
      const held = await HeldConnections.open(client, {
        server: VIP,
        port: 80,
        from: CLIENT_ADDRESSES.inet.throughDirector,
        count: 10,
      });
      const objects = await kernelObjects(site());
      assert.ok(
        objects.maps.length > 20 && objects.programs.length >= 2 && objects.links.length >= 4,
        JSON.stringify(objects),
      );
      assert.deepEqual((await remaining(site(), objects)).length, Object.values(objects).flat().length);
      await site().director.stop('SIGTERM');
      assert.deepEqual(await held.ask(), { answered: 10, ended: 0 });
      const text = await site().down();
      assert.match(text, /^programs taken off eth0: /m);
      assert.match(text, /^programs taken off eth1: /m);
      await until(async () => assert.deepEqual(await remaining(site(), objects), []));
      assert.equal(existsSync(site().bpfDirectory), false);
      assert.doesNotMatch(await director.output(['ip', 'link']), /xdp/);
      assert.doesNotMatch(await director.output(['bpftool', 'net']), /vipr/);
      assert.doesNotMatch(await director.output(['tc', 'qdisc']), /clsact/);
      // Nobody listens at the VIP any more, so the host itself resets what it has.
      assert.deepEqual(await held.ask(), { answered: 0, ended: 10 });
      await assert.rejects(answering(site(), VIP), /curl: \(7\)/);
    });

    it('is where a director begins anew', async () => {
      await site().up();
      assert.match(await site().ipvsadm('-Ln'), /Flags\n.*\n$/);
      await site().restore(rulesOfService(VIP, '-m'));
      assert.deepEqual((await answering(site(), VIP, { count: 2 })).toSorted(), ['rs1', 'rs2']);
    });
  },
);
