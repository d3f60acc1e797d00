/** What is not for a VIP passes the director as if there were no engine. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { build, data, ethernet, ipv4, type Layer, parse, tcp, udp, vlan } from '../../packet/packet.ts';
import { CLIENT_ADDRESSES, directorAddress, FAMILIES, serverAddress } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { Capture } from '../peer/capture.ts';
import { curl, curlSha256 } from '../peer/curl.ts';
import { type LargeFile, makeLargeFile } from '../peer/large-file.ts';
import { startNginx } from '../peer/nginx.ts';
import { ping } from '../peer/ping.ts';
import { askUdp } from '../peer/udp-client.ts';
import { startUdpServer } from '../peer/udp-server.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { HeldConnections } from './fixture/held-connections.ts';
import { rulesOfService } from './fixture/http-servers.ts';
import { endpoint, listedConnections } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { assertSameFrames, type End } from './fixture/same-frames.ts';
import { macOf, sendFrames } from './fixture/send-frames.ts';
import { until } from './fixture/until.ts';

const VIPS = { inet: '192.0.2.10', inet6: '2001:db8::10' } as const;
/** Of the director's own, as that of sshd. */
const OWN_PORT = 22;
/** IP options: no operation, three times, and their end. */
const OPTIONS = '01010100';

let file: LargeFile;

onEachAttach(
  'what is for others',
  {
    skip: labUnavailable('nginx', 'curl', 'sha256sum', 'ping', 'tcpdump', 'bpftool'),
    servers: 2,
    part: 'xdp',
    // Ports of bridges only where they are asked for.
    words: ['--interface', 'eth*', 'tagged*', 'spare*'],
    prepare: async (site) => {
      const { lab } = site;
      file = await makeLargeFile(lab, 5);
      for (const server of lab.servers) {
        await startNginx(lab, server, { ports: [80], largeFile: file });
        await startUdpServer(server);
      }
      await startNginx(lab, lab.director, { ports: [OWN_PORT] });
      await site.restore([...rulesOfService(VIPS.inet, '-m'), ...rulesOfService(VIPS.inet6, '-m')]);
    },
  },
  (site) => {
    const ends = (): [End, End] => [
      { host: site().lab.client, device: 'eth0' },
      { host: site().lab.host('rs1'), device: 'eth0' },
    ];

    for (const family of FAMILIES) {
      const [name, server] = [family === 'inet' ? 'IPv4' : 'IPv6', serverAddress(family, 1)];
      const from = CLIENT_ADDRESSES[family].throughDirector;

      it(`traffic to a server's own address is forwarded, byte by byte, ${name}`, async () => {
        const { client } = site().lab;
        const sum = await curlSha256(client, `http://${endpoint(server, 80)}/large`, { from });
        assert.equal(sum, file.sha256);
        const texts = ['a', 'b'.repeat(4000)];
        // One datagram each way in one piece, one in three.
        await assertSameFrames(ends(), `host ${server} and (udp or ip6[6] == 44)`, 8, async () => {
          const answers = await askUdp(client, { server, port: 53, from, fromPort: 7777, texts });
          assert.deepEqual(
            answers,
            texts.map((text) => ({ text: `rs1 ${from}:7777 ${text}` })),
          );
        });
      });

      it(`pings are forwarded, also in fragments, ${name}`, async () => {
        const filter = `host ${server} and (icmp or (icmp6 and ip6[40] >= 128 and ip6[40] < 130) or ip6[6] == 44)`;
        await assertSameFrames(ends(), filter, 8, async () => {
          for (const size of [56, 3000])
            assert.equal((await ping(site().lab.client, server, { from, size })).received, 1);
        });
      });

      it(`the director's own connections are its own, ${name}`, async () => {
        const { client, director } = site().lab;
        const own = directorAddress(family, 1, 'front');
        const held = await HeldConnections.open(client, { server: own, port: OWN_PORT, from, count: 3 });
        assert.deepEqual(await held.ask(), { answered: 3, ended: 0 });
        await held.close();
        assert.match(await curl(director, `http://${endpoint(server, 80)}/`), /^rs1 /);
        // The VIP's other ports, too.
        const vip = VIPS[family];
        assert.equal(await curl(client, `http://${endpoint(vip, OWN_PORT)}/`, { from }), `lvs1 ${from}\n`);
        await assert.rejects(curl(client, `http://${endpoint(vip, 81)}/`, { from }), /\(7\)/);
      });
    }

    it('packets with IP options are forwarded with them', async () => {
      const frame = await fromClient(site(), [
        ipv4({ source: '10.1.0.2', destination: '10.2.0.11', options: OPTIONS }),
        udp({ source: 7007, destination: 53 }),
        data('with options'),
      ]);
      await assertSameFrames(ends(), 'udp and ip[0] == 0x46', 1, () =>
        sendFrames(site().lab.client, 'eth0', [frame]),
      );
    });

    it('packets with IP options to a VIP are balanced, and keep them', async () => {
      const capture = await Capture.start(site().lab.host('switch'), 'lan-lvs1', 'tcp and ip[0] == 0x46');
      const frame = await fromClient(site(), [
        ipv4({ source: '10.1.0.2', destination: VIPS.inet, options: OPTIONS }),
        tcp({ source: 7007, destination: 80, flags: ['syn'] }),
      ]);
      await sendFrames(site().lab.client, 'eth0', [frame]);
      const [seen = Buffer.alloc(0)] = await capture.atLeast(1);
      await capture.stop();
      const [, ip, transport] = parse(seen);
      assert.ok(ip?.layer === 'ipv4' && /^10\.2\.0\.1[12]$/.test(ip.destination), JSON.stringify(ip));
      assert.deepEqual([ip.options, ip.ttl, ip.checksum], [OPTIONS, 63, 'right']);
      assert.ok(transport?.layer === 'tcp' && transport.checksum === 'right');
    });

    it('tagged frames pass a bridge untouched, whatever is inside', async () => {
      const { client, director } = site().lab;
      await bridge(site());
      const frames = [VIPS.inet, '10.2.0.11'].map((destination): Layer[] => [
        ethernet({ destination: 'ff:ff:ff:ff:ff:ff' }),
        vlan({ id: 5 }),
        ipv4({ source: '10.1.0.2', destination }),
        udp({ source: 7007, destination: 53 }),
        data('tagged'),
      ]);
      const capture = await Capture.start(client, 'spare0', 'vlan 5');
      await sendFrames(client, 'tagged0', frames);
      const seen = await capture.atLeast(2);
      await capture.stop();
      assert.deepEqual(
        seen.map((frame) => frame.toString('hex')),
        frames.map((frame) => build(frame).toString('hex')),
      );
      await director.shell('ip link del bridge0');
    });

    it('none of it was a connection', async () => {
      const connections = listedConnections(await site().ipvsadm('-Lcn'));
      const others = connections.filter(({ client }) => client !== '10.1.0.2:7007');
      assert.deepEqual(others, []);
      const { NO_NEXT_HOP, TOO_BIG, ICMP_SENT, REWRITE_FAILED, MALFORMED, FRAGMENT_UNKNOWN } =
        await site().totals();
      assert.deepEqual(
        [NO_NEXT_HOP, TOO_BIG, ICMP_SENT, REWRITE_FAILED, MALFORMED, FRAGMENT_UNKNOWN],
        [0, 0, 0, 0, 0, 0],
      );
    });
  },
);

async function fromClient(
  { lab: { client, director } }: EbpfLab,
  layers: readonly Layer[],
): Promise<Layer[]> {
  const [source, destination] = [await macOf(client, 'eth0'), await macOf(director, 'eth0')];
  return [ethernet({ source, destination }), ...layers];
}

/** Two more links between client and director, who joins them by a bridge; resolves when the director's ends have programs. */
async function bridge(site: EbpfLab): Promise<void> {
  const { client, director } = site.lab;
  await director.shell('ip link add bridge0 type bridge stp_state 0; ip link set bridge0 up');
  for (const name of ['tagged0', 'spare0']) {
    await director.shell(`
      ip link add ${name} type veth peer name ${name} netns ${client.namespace}
      ip link set ${name} master bridge0 up`);
    await client.shell(`ip link set ${name} up`);
  }
  await until(async () => {
    const { stdout } = await site.vipr('status');
    assert.match(stdout.toString(), /interface tagged0: .*tc /);
    assert.match(stdout.toString(), /interface spare0: .*tc /);
  });
}
