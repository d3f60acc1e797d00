/** The director is killed, ended, started again and upgraded under load: nobody notices, and nothing is forgotten. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { curlSha256 } from '../peer/curl.ts';
import { type LargeFile, makeLargeFile } from '../peer/large-file.ts';
import { startNginx } from '../peer/nginx.ts';
import { CurlLoop } from './fixture/curl-loop.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { onlyInWhole } from './fixture/extent.ts';
import { HeldConnections } from './fixture/held-connections.ts';
import { rulesOfService } from './fixture/http-servers.ts';
import { kernelObjects, remaining } from './fixture/kernel-objects.ts';
import { listedConnections, listedRows } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const [HELD_VIP, HELD_VIP6, BUSY_VIP] = ['192.0.2.10', '2001:db8::10', '192.0.2.11'] as const;
const { inet, inet6 } = CLIENT_ADDRESSES;
const HELD = 100;
const SIGNALS: readonly NodeJS.Signals[] =
  onlyInWhole() === false ? ['SIGKILL', 'SIGTERM', 'SIGKILL'] : ['SIGKILL'];

let file: LargeFile;

onEachAttach(
  'a director',
  {
    skip: labUnavailable('nginx', 'curl', 'sha256sum', 'bpftool'),
    servers: 2,
    part: 'xdp',
    connections: 16_384,
    prepare: async (site) => {
      file = await makeLargeFile(site.lab, 20);
      for (const server of site.lab.servers)
        await startNginx(site.lab, server, { ports: [80], largeFile: file });
      await site.restore([
        ...rulesOfService(HELD_VIP, '-m', '-p 300 -M 255.0.0.0'),
        ...rulesOfService(HELD_VIP6, '-g'),
        ...rulesOfService(BUSY_VIP, '-m'),
      ]);
    },
  },
  (site) => {
    it('killed, ended and started again under load loses no connection and no counter', async () => {
      const { client } = site().lab;
      const held = [
        await HeldConnections.open(client, {
          server: HELD_VIP,
          port: 80,
          from: inet.throughDirector,
          count: HELD,
        }),
        await HeldConnections.open(client, {
          server: HELD_VIP6,
          port: 80,
          from: inet6.pastDirector,
          count: HELD,
        }),
      ];
      const download = curlSha256(client, `http://${BUSY_VIP}/large`, {
        from: inet.throughDirector,
        limitSeconds: 60,
        words: ['--limit-rate', '2M'],
      });
      const loop = new CurlLoop(site().lab, `http://${BUSY_VIP}/`, inet.throughDirector);
      let before = await picture(site());
      assert.equal(before.held.length, 2 * HELD + 1);
      for (const signal of SIGNALS) {
        await site().director.stop(signal);
        for (const each of held) assert.deepEqual(await each.ask(), { answered: HELD, ended: 0 });
        await site().up();
        for (const each of held) assert.deepEqual(await each.ask(), { answered: HELD, ended: 0 });
        const after = await picture(site());
        assert.deepEqual(after.held, before.held);
        assert.deepEqual(after.rules, before.rules);
        assert.deepEqual(after.active, before.active);
        for (const [key, values] of before.counters)
          for (const [index, value] of values.entries())
            assert.ok(
              (after.counters.get(key)?.[index] ?? -1) >= value,
              `${key}: ${values}, ${after.counters.get(key)}`,
            );
        before = after;
      }
      const { requests, complaints } = await loop.end();
      assert.equal(complaints, '');
      assert.ok(requests > 10, `${requests}`);
      assert.equal(await download, file.sha256);
      await Promise.all(held.map((each) => each.close()));
    });

    it('goes on choosing servers where it was, and counts every connection', async () => {
      const connections = async (): Promise<readonly string[]> => {
        const rows = listedRows(await site().ipvsadm('-Ln', '--stats', '--exact'));
        return rows
          .filter(({ service }) => service === `tcp ${BUSY_VIP}:80`)
          .map(({ columns: [count = ''] }) => count);
      };
      const [all = '', ...each] = await connections();
      assert.equal(
        Number(all),
        each.reduce((sum, count) => sum + Number(count), 0),
      );
      assert.ok(Math.abs(Number(each[0]) - Number(each[1])) <= 1, each.join());
    });

    it('upgraded has other programs on the same links, and the same maps', async () => {
      const loop = new CurlLoop(site().lab, `http://${BUSY_VIP}/`, inet.throughDirector);
      const before = await kernelObjects(site());
      await site().director.stop('SIGTERM');
      await site().up();
      const after = await kernelObjects(site());
      assert.deepEqual(after.links, before.links);
      assert.equal(after.programs.length, before.programs.length);
      assert.ok(after.programs.every((id) => !before.programs.includes(id)));
      assert.ok(before.maps.filter((id) => after.maps.includes(id)).length > 20);
      await until(async () =>
        assert.deepEqual(await remaining(site(), { ...before, maps: [], links: [] }), []),
      );
      assert.equal((await loop.end()).complaints, '');
    });
  },
);

/** All that is to be the same after a restart, or to have grown. */
async function picture(site: EbpfLab) {
  const counters = listedRows(await site.ipvsadm('-Ln', '--stats', '--exact'));
  const rows = listedRows(await site.ipvsadm('-Ln')).filter(
    ({ service }) => service !== `tcp ${BUSY_VIP}:80`,
  );
  const connections = listedConnections(await site.ipvsadm('-Lcn'));
  return {
    held: connections
      .filter(({ virtual }) => virtual !== `${BUSY_VIP}:80`)
      .map(({ protocol, client, virtual, destination, state }) =>
        [protocol, client, virtual, destination, state].join(' '),
      )
      .toSorted(),
    rules: await site.ipvsadm('-Sn'),
    active: rows.map(({ service, destination, columns }) => [service, destination, columns]),
    counters: new Map(
      counters.map(({ service, destination, columns }) => [`${service} ${destination}`, columns.map(Number)]),
    ),
  };
}
