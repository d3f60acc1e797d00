/** Which server a connection gets, and which servers get none: weight 0, thresholds, one-packet datagrams, this host itself. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { startNginx } from '../peer/nginx.ts';
import { askUdp } from '../peer/udp-client.ts';
import { HeldConnections } from './fixture/held-connections.ts';
import { answering, rulesOfService, startServers } from './fixture/http-servers.ts';
import { listedConnections, listedRows } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const DRAIN_VIP = '192.0.2.10';
const THRESHOLD_VIP = '192.0.2.11';
const DATAGRAM_VIP = '192.0.2.12';
const LOCAL_VIPS = [
  { name: 'NAT, IPv4', vip: '192.0.2.13', local: '10.2.0.1:8080', words: '-m' },
  { name: 'direct routing, IPv4', vip: '192.0.2.14', local: '10.2.0.1:80', words: '-g' },
  { name: 'NAT, IPv6', vip: '2001:db8::13', local: '[fd02::1]:8080', words: '-m' },
  { name: 'direct routing, IPv6', vip: '2001:db8::14', local: '[fd02::1]:80', words: '-g' },
] as const;
const { throughDirector: THROUGH, pastDirector: PAST } = CLIENT_ADDRESSES.inet;

onEachAttach(
  'server selection',
  {
    skip: labUnavailable('nginx', 'curl', 'bpftool'),
    servers: 2,
    part: 'tc',
    // What this host itself sends has unfinished checksums then.
    offload: true,
    prepare: async (site) => {
      await startServers(site, [DATAGRAM_VIP]);
      await startNginx(site.lab, site.lab.director);
    },
  },
  (site) => {
    it('a server of weight 0 gets no new connections, and keeps those that it has', async () => {
      await site().restore(rulesOfService(DRAIN_VIP, '-m'));
      const held = await HeldConnections.open(site().lab.client, {
        server: DRAIN_VIP,
        port: 80,
        from: THROUGH,
        count: 4,
      });
      await site().ipvsadm('-e', '-t', `${DRAIN_VIP}:80`, '-r', '10.2.0.11:80', '-m', '-w', '0');
      assert.deepEqual(await answering(site(), DRAIN_VIP, { count: 4 }), ['rs2', 'rs2', 'rs2', 'rs2']);
      assert.deepEqual(await held.ask(), { answered: 4, ended: 0 });
      const rows = listedRows(await site().ipvsadm('-Ln')).filter(
        ({ service }) => service === `tcp ${DRAIN_VIP}:80`,
      );
      const columns = (destination: string) => rows.find((row) => row.destination === destination)?.columns;
      assert.deepEqual(columns('10.2.0.11:80'), ['Masq', '0', '2', '0']);
      assert.deepEqual(columns('10.2.0.12:80')?.slice(0, 3), ['Masq', '1', '2']);
      await held.close();
      await site().ipvsadm('-e', '-t', `${DRAIN_VIP}:80`, '-r', '10.2.0.11:80', '-m', '-w', '1');
      assert.deepEqual((await answering(site(), DRAIN_VIP, { count: 4 })).toSorted(), [
        'rs1',
        'rs1',
        'rs2',
        'rs2',
      ]);
    });

    it('a server at its upper threshold gets none until it is below the lower one', async () => {
      const service = `-t ${THRESHOLD_VIP}:80`;
      await site().restore([
        `-A ${service} -s rr`,
        `-a ${service} -r 10.2.0.11:80 -g -x 2 -y 1`,
        `-a ${service} -r 10.2.0.12:80 -g`,
      ]);
      // So that what the client has closed is gone soon.
      await site().ipvsadm('--set', '0', '1', '0');
      const { client } = site().lab;
      const held = await HeldConnections.open(client, {
        server: THRESHOLD_VIP,
        port: 80,
        from: PAST,
        count: 6,
      });
      const active = listedRows(await site().ipvsadm('-Ln'))
        .filter((row) => row.service === `tcp ${THRESHOLD_VIP}:80` && row.destination !== undefined)
        .map(({ destination, columns }) => [destination, columns[2]]);
      assert.deepEqual(active.toSorted(), [
        ['10.2.0.11:80', '2'],
        ['10.2.0.12:80', '4'],
      ]);
      await held.close();
      await until(async () => {
        assert.ok((await answering(site(), THRESHOLD_VIP, { from: PAST, count: 2 })).includes('rs1'));
      }, 20_000);
    });

    it('each datagram of a one-packet service is scheduled alone, and leaves no entry', async () => {
      const service = `-u ${DATAGRAM_VIP}:53`;
      await site().restore([
        `-A ${service} -s rr -o`,
        `-a ${service} -r 10.2.0.11:53 -g`,
        `-a ${service} -r 10.2.0.12:53 -g`,
      ]);
      const texts = ['a', 'b', 'c', 'd'];
      const answers = await askUdp(site().lab.client, { server: DATAGRAM_VIP, port: 53, from: PAST, texts });
      const names = answers.map((answer) =>
        answer !== null && 'text' in answer ? answer.text.slice(0, 3) : answer,
      );
      assert.deepEqual(names.slice(2), names.slice(0, 2));
      assert.deepEqual(names.toSorted(), ['rs1', 'rs1', 'rs2', 'rs2']);
      const entries = listedConnections(await site().ipvsadm('-Lcn'));
      assert.deepEqual(
        entries.filter(({ virtual }) => virtual === `${DATAGRAM_VIP}:53`),
        [],
      );
      const row = listedRows(await site().ipvsadm('-Ln', '--stats', '--exact')).find(
        (each) => each.service === `udp ${DATAGRAM_VIP}:53`,
      );
      assert.deepEqual(row?.columns.slice(0, 3), ['4', '4', '0']);
    });

    for (const { name, vip, local, words } of LOCAL_VIPS)
      it(`this host can be a server itself, ${name}`, async () => {
        const [add = '', ...others] = rulesOfService(vip, words);
        const inet6 = vip.includes(':');
        const address = inet6 ? `[${vip}]` : vip;
        await site().restore([add, ...others, `-a -t ${address}:80 -r ${local} ${words}`]);
        const family = inet6 ? 'inet6' : 'inet';
        const from = CLIENT_ADDRESSES[family][words === '-m' ? 'throughDirector' : 'pastDirector'];
        const answers = await answering(site(), vip, { from, count: 6 });
        assert.deepEqual(answers.toSorted(), ['lvs1', 'lvs1', 'rs1', 'rs1', 'rs2', 'rs2']);
        const rows = listedRows(await site().ipvsadm('-Ln', '--stats', '--exact'));
        const row = rows.find(
          ({ service, destination }) => service === `tcp ${address}:80` && destination === local,
        );
        const [connections, inPackets = 0, outPackets = 0] = row?.columns.map(Number) ?? [];
        assert.equal(connections, 2);
        // Answers of this host pass by the director in any case.
        assert.ok(inPackets > 4 && outPackets > 4, `${inPackets} in, ${outPackets} out`);
        assert.equal(
          rows.find(
            ({ service, destination }) => service === `tcp ${address}:80` && destination === undefined,
          )?.columns[0],
          '6',
        );
      });
  },
);
