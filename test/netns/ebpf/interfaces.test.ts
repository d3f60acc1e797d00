/** Interfaces that come, go, and come back while the director runs. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { onlyInWhole } from './fixture/extent.ts';
import { answering, rulesOfService, startServers } from './fixture/http-servers.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const VIP = '192.0.2.10';
const VIP6 = '2001:db8::10';
const OFFLOADS = 'tx off tso off gso off gro on';

onEachAttach(
  'interfaces',
  {
    skip: labUnavailable('nginx', 'curl', 'bpftool'),
    servers: 2,
    part: 'xdp',
    prepare: async (site) => {
      await startServers(site);
      await site.restore([...rulesOfService(VIP, '-m'), ...rulesOfService(VIP6, '-m')]);
    },
  },
  (site) => {
    for (const round of onlyInWhole() === false ? ['comes', 'comes again'] : ['comes'])
      it(`an interface that ${round} is served, and forgotten when it goes`, async () => {
        const { lab } = site();
        await addLink(site());
        await until(async () => assert.ok((await served(site())).includes('fresh0')));
        // The way of the requests, and of the answers.
        await lab.client.shell(
          `ip route add ${VIP}/32 via 10.6.0.1; ip -6 route add ${VIP6}/128 via fd06::1`,
        );
        const from = { inet: '10.6.0.2', inet6: 'fd06::2' };
        const both = async (): Promise<void> => {
          const four = await answering(site(), VIP, { from: from.inet, count: 4 });
          assert.deepEqual(four.toSorted(), ['rs1', 'rs1', 'rs2', 'rs2']);
          assert.deepEqual((await answering(site(), VIP6, { from: from.inet6, count: 2 })).toSorted(), [
            'rs1',
            'rs2',
          ]);
        };
        await both();
        // The director looks every two seconds at what XDP can send to.
        await until(async () => {
          const before = (await site().totals()).PUNTED;
          await both();
          assert.ok((await site().totals()).PUNTED - before < 4, 'XDP does not do it');
        }, 10_000);
        await lab.director.shell('ip link del fresh0');
        await until(async () => assert.ok(!(await served(site())).includes('fresh0')));
        assert.deepEqual((await answering(site(), VIP, { count: 2 })).toSorted(), ['rs1', 'rs2']);
      });

    it('an interface that goes down and up again is served as before', async () => {
      await site().lab.director.shell('ip link set eth0 down');
      await assert.rejects(answering(site(), VIP), /curl/);
      await site().lab.director.shell(`
        ip link set eth0 up
        ip addr replace fd01::1/64 dev eth0 nodad
        ip route replace 10.3.0.0/16 via ${CLIENT_ADDRESSES.inet.throughDirector}`);
      await until(async () => assert.equal((await answering(site(), VIP, { count: 2 })).length, 2), 15_000);
      assert.deepEqual((await answering(site(), VIP6, { count: 2 })).toSorted(), ['rs1', 'rs2']);
    });

    it('the director goes through no error', () => {
      const levels = site()
        .director.stderr.trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { level: number; msg: string });
      assert.deepEqual(
        levels.filter(({ level }) => level > 40),
        [],
      );
    });
  },
);

/** A second link between the client and the director; the servers answer through the director anyhow. */
async function addLink({ lab }: EbpfLab): Promise<void> {
  await lab.director.shell(`
    ip link add fresh0 type veth peer name fresh0 netns ${lab.client.namespace}
    ethtool -K fresh0 ${OFFLOADS}`);
  await lab.client.shell(`
    ethtool -K fresh0 ${OFFLOADS}
    ip addr add 10.6.0.2/24 dev fresh0
    ip addr add fd06::2/64 dev fresh0 nodad
    ip link set fresh0 up`);
  await lab.director.shell(`
    ip addr add 10.6.0.1/24 dev fresh0
    ip addr add fd06::1/64 dev fresh0 nodad
    ip link set fresh0 up`);
}

/** Interfaces that the director says have programs. */
async function served(site: EbpfLab): Promise<readonly string[]> {
  const { stdout } = await site.vipr('status', '--json');
  const { engine } = JSON.parse(stdout.toString()) as {
    engine: { attachments: readonly { interface: string; tc?: string }[] };
  };
  return engine.attachments.filter(({ tc }) => tc !== undefined).map((each) => each.interface);
}
