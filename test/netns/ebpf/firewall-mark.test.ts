/** Services on firewall marks, by rules of vipr.yaml and by the mark that nftables gave the packet. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { EbpfLab } from './fixture/ebpf-lab.ts';
import { answering, startServers } from './fixture/http-servers.ts';
import { listedRows } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';

const TO_SAME = '192.0.2.20';
const TO_SAME6 = '2001:db8::20';
const TO_RANGE = '192.0.2.21';
const MARKED = '192.0.2.22';
onEachAttach(
  'firewall marks',
  {
    skip: labUnavailable('nginx', 'curl', 'bpftool'),
    servers: 2,
    part: 'xdp',
    settings: [
      'marks:',
      `  - { mark: 7, address: ${TO_SAME} }`,
      `  - { mark: 7, address: "${TO_SAME6}" }`,
      `  - { mark: 8, protocol: tcp, address: ${TO_RANGE}/32, ports: 8000-8099 }`,
    ],
    prepare: async (site) => {
      await startServers(site);
      await site.restore([
        '-A -f 7 -s rr -p 300',
        '-a -f 7 -r 10.2.0.11:0 -m',
        '-a -f 7 -r 10.2.0.12:0 -m',
        '-A -f 7 -6 -s rr',
        '-a -f 7 -6 -r [fd02::11]:0 -m',
        '-a -f 7 -6 -r [fd02::12]:0 -m',
        '-A -f 8 -s rr',
        '-a -f 8 -r 10.2.0.11:0 -m',
        '-a -f 8 -r 10.2.0.12:0 -m',
      ]);
    },
  },
  (site) => {
    it('a persistent client of a mark has one server for all ports', async () => {
      const one = await answering(site(), TO_SAME, { port: 80, count: 3 });
      const other = await answering(site(), TO_SAME, { port: 8080, count: 3 });
      assert.equal(new Set([...one, ...other]).size, 1, [...one, ...other].join());
    });

    it('a mark of the other family is another service', async () => {
      const answers = await answering(site(), TO_SAME6, { count: 4 });
      assert.deepEqual(answers.toSorted(), ['rs1', 'rs1', 'rs2', 'rs2']);
    });

    it('a rule takes the ports that it says', async () => {
      const answers = await answering(site(), TO_RANGE, { port: 8080, count: 4 });
      assert.deepEqual(answers.toSorted(), ['rs1', 'rs1', 'rs2', 'rs2']);
      await assert.rejects(answering(site(), TO_RANGE, { port: 80 }), /\(7\)/);
    });

    it('connections of a mark are counted together', async () => {
      const rows = listedRows(await site().ipvsadm('-Ln', '--stats', '--exact'));
      const services = rows.filter(({ destination }) => destination === undefined);
      assert.deepEqual(
        services.map(({ service, columns: [connections] }) => `${service}: ${connections}`).toSorted(),
        ['fwmark 7 IPv6: 4', 'fwmark 7: 6', 'fwmark 8: 4'],
      );
    });
  },
);

describe('firewall marks of nftables', {
  skip: labUnavailable('nginx', 'curl') ?? false,
  timeout: 60_000,
}, () => {
  it('tc takes the mark that a packet was given before, such as at the port of a bridge', async () => {
    const words = ['--interface', 'br0', '--interface', 'eth1'];
    await using site = await EbpfLab.open({
      attach: 'tc',
      servers: 2,
      offload: true,
      wire: markBelowBridge,
      words,
    });
    await startServers(site);
    await site.restore(['-A -f 9 -s rr', '-a -f 9 -r 10.2.0.11:0 -m', '-a -f 9 -r 10.2.0.12:0 -m']);
    assert.deepEqual((await answering(site, MARKED, { count: 4 })).toSorted(), ['rs1', 'rs1', 'rs2', 'rs2']);
    await assert.rejects(answering(site, TO_SAME), /\(7\)/);
  });

  it('XDP takes none', { skip: 'nothing gives a mark before XDP: rules of vipr.yaml do there' }, () => {});
});

/** Makes eth0 the port of a bridge, which has its addresses, and marks what comes in at the port. */
async function markBelowBridge({ director }: Lab): Promise<void> {
  await director.shell(`
    ip link add br0 type bridge stp_state 0
    ip link set eth0 master br0
    ip addr del 10.1.0.1/16 dev eth0
    ip addr add 10.1.0.1/16 dev br0
    ip link set br0 up
    ip route add 10.3.0.0/16 via 10.1.0.2
    nft add table netdev marks
    nft add chain netdev marks ingress '{ type filter hook ingress device eth0 priority 0; }'
    nft add rule netdev marks ingress ip daddr ${MARKED} meta mark set 9`);
}
