/** Persistent clients: for how long, by which part of their address, over which ports. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { askUdp } from '../peer/udp-client.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { answering, startServers } from './fixture/http-servers.ts';
import { listedConnections } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const [UDP_VIP, MASK_VIP, MASK_VIP6, ANY_PORT_VIP] = [
  '192.0.2.10',
  '192.0.2.11',
  '2001:db8::11',
  '192.0.2.12',
];
const PAST = CLIENT_ADDRESSES.inet.pastDirector;

onEachAttach(
  'persistence',
  {
    skip: labUnavailable('nginx', 'curl', 'bpftool'),
    servers: 2,
    part: 'xdp',
    prepare: async (site) => {
      await startServers(site, [UDP_VIP]);
      await site.lab.client.shell(`
        ip addr add 10.3.0.77/16 dev eth1
        ip addr add 10.3.9.9/16 dev eth1
        ip addr add fd03::77/64 dev eth1 nodad
        ip addr add fd03::9:9/64 dev eth1 nodad`);
      await site.restore([
        `-A -u ${UDP_VIP}:53 -s rr -p 2`,
        `-a -u ${UDP_VIP}:53 -r 10.2.0.11:53 -m`,
        `-a -u ${UDP_VIP}:53 -r 10.2.0.12:53 -m`,
        `-A -t ${MASK_VIP}:80 -s rr -p 300 -M 255.255.255.0`,
        `-a -t ${MASK_VIP}:80 -r 10.2.0.11:80 -g`,
        `-a -t ${MASK_VIP}:80 -r 10.2.0.12:80 -g`,
        `-A -t [${MASK_VIP6}]:80 -s rr -p 300 -M 112`,
        `-a -t [${MASK_VIP6}]:80 -r [fd02::11]:80 -g`,
        `-a -t [${MASK_VIP6}]:80 -r [fd02::12]:80 -g`,
        `-A -t ${ANY_PORT_VIP}:0 -s rr -p 300`,
        `-a -t ${ANY_PORT_VIP}:0 -r 10.2.0.11:0 -m`,
        `-a -t ${ANY_PORT_VIP}:0 -r 10.2.0.12:0 -m`,
      ]);
    },
  },
  (site) => {
    it('a client keeps its server until its template has expired', async () => {
      await site().ipvsadm('--set', '0', '0', '1');
      const first = await datagrams(site(), 3);
      assert.equal(new Set(first).size, 1, first.join());
      const listed = listedConnections(await site().ipvsadm('-Lcn'));
      const template = listed.find(({ client }) => client === `${CLIENT_ADDRESSES.inet.throughDirector}:0`);
      assert.equal(template?.virtual, `${UDP_VIP}:53`);
      assert.ok(template.expires <= 60, JSON.stringify(template));
      await until(async () => {
        const left = listedConnections(await site().ipvsadm('-Lcn')).filter(
          ({ protocol }) => protocol === 'UDP',
        );
        assert.deepEqual(left, []);
      }, 90_000);
      const second = await datagrams(site(), 3);
      assert.equal(new Set(second).size, 1, second.join());
      assert.notEqual(second[0], first[0]);
    });

    it('clients of a netmask have a server in common', async () => {
      const answers = await Promise.all(
        [PAST, '10.3.0.77', PAST].map((from) => answering(site(), MASK_VIP, { from, count: 3 })),
      );
      const names = new Set(answers.flat());
      assert.equal(names.size, 1, [...names].join());
      const [other] = await answering(site(), MASK_VIP, { from: '10.3.9.9' });
      assert.ok(!names.has(other ?? ''), `${other}`);
    });

    it('clients of an IPv6 prefix have a server in common', async () => {
      const from = CLIENT_ADDRESSES.inet6.pastDirector;
      const one = await answering(site(), MASK_VIP6, { from, count: 3 });
      const same = await answering(site(), MASK_VIP6, { from: 'fd03::77', count: 3 });
      const [other] = await answering(site(), MASK_VIP6, { from: 'fd03::9:9' });
      assert.equal(new Set([...one, ...same]).size, 1, [...one, ...same].join());
      assert.notEqual(other, one[0]);
    });

    it('a service on port 0 takes every port, and a client has one server for all of them', async () => {
      const one = await answering(site(), ANY_PORT_VIP, { port: 80, count: 3 });
      const other = await answering(site(), ANY_PORT_VIP, { port: 8080, count: 3 });
      assert.equal(new Set([...one, ...other]).size, 1, [...one, ...other].join());
    });
  },
);

/** The servers that answer datagrams, each of which is a connection. */
async function datagrams({ lab }: EbpfLab, count: number): Promise<readonly string[]> {
  const texts = Array.from({ length: count }, () => 'x');
  const from = CLIENT_ADDRESSES.inet.throughDirector;
  const answers = await askUdp(lab.client, { server: UDP_VIP, port: 53, from, texts, apart: true });
  return answers.map((answer) =>
    answer !== null && 'text' in answer ? answer.text.slice(0, 3) : JSON.stringify(answer),
  );
}
