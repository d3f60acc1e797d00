/**
 * Small links on the way to the client, as PPPoE makes them: routers there complain to the VIP, and the director finds the server that is
 * meant.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Family } from '../../../src/model/address.ts';
import { acceptTunnels } from '../../realserver/accept-tunnels.ts';
import { FAMILIES, serverAddress } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { curlSha256 } from '../peer/curl.ts';
import { type LargeFile, makeLargeFile } from '../peer/large-file.ts';
import { startNginx } from '../peer/nginx.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { endpoint } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';

const METHODS = [
  { name: 'NAT', number: 10, words: '-m' },
  { name: 'direct routing', number: 11, words: '-g' },
  { name: 'IPIP', number: 12, words: '-i' },
  { name: 'GUE', number: 13, words: '-i --tun-type gue --tun-port 6080' },
  { name: 'GRE', number: 14, words: '-i --tun-type gre' },
] as const;
const SMALL = 1380;
/** Of the host behind the client: answers to the one go through the director, those to the other past it. */
const FAR = {
  inet: { through: '10.7.1.2', past: '10.7.0.2' },
  inet6: { through: 'fd07:1::2', past: 'fd07::2' },
} as const;

let file: LargeFile;

onEachAttach(
  'a small link to the client',
  {
    skip: labUnavailable('nginx', 'curl', 'sha256sum', 'bpftool'),
    servers: 2,
    offload: true,
    part: 'tc',
    prepare: async (site) => {
      await addFarHost(site);
      const virtualAddresses = FAMILIES.flatMap((family) => METHODS.map(({ number }) => vip(family, number)));
      await acceptTunnels({ virtualAddresses })(site.lab.host('rs1'));
      file = await makeLargeFile(site.lab, 2);
      await startNginx(site.lab, site.lab.host('rs1'), { ports: [80], largeFile: file });
      await site.restore(
        FAMILIES.flatMap((family) =>
          METHODS.flatMap(({ number, words }) => {
            const service = `-t ${endpoint(vip(family, number), 80)}`;
            return [
              `-A ${service} -s rr`,
              `-a ${service} -r ${endpoint(serverAddress(family, 1), 80)} ${words}`,
            ];
          }),
        ),
      );
    },
  },
  (site) => {
    for (const family of FAMILIES)
      for (const { name, number, words } of METHODS)
        it(`${name}, ${family === 'inet' ? 'IPv4' : 'IPv6'}`, async () => {
          const [far, server] = [site().lab.host('rs2'), site().lab.host('rs1')];
          const from = FAR[family][words === '-m' ? 'through' : 'past'];
          await server.shell('ip route flush cache; ip -6 route flush cache');
          const url = `http://${endpoint(vip(family, number), 80)}/large`;
          assert.equal(await curlSha256(far, url, { from }), file.sha256);
          const source = words === '-m' ? serverAddress(family, 1) : vip(family, number);
          assert.match(
            await server.output(['ip', 'route', 'get', from, 'from', source]),
            new RegExp(`mtu ${SMALL}`),
          );
        });
  },
);

function vip(family: Family, number: number): string {
  return family === 'inet' ? `192.0.2.${number}` : `2001:db8::${number}`;
}

/** Makes the client a router, and rs2 a client behind it, whose own link is as large as any. */
async function addFarHost({ lab }: EbpfLab): Promise<void> {
  const { client, director } = lab;
  const [server, far] = [lab.host('rs1'), lab.host('rs2')];
  await client.shell(`
    echo 1 >/proc/sys/net/ipv4/ip_forward
    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
    ip link add far0 type veth peer name far0 netns ${far.namespace}
    ip addr add 10.7.0.1/24 dev far0
    ip addr add 10.7.1.1/24 dev far0
    ip addr add fd07::1/64 dev far0 nodad
    ip addr add fd07:1::1/64 dev far0 nodad
    ip link set far0 up`);
  await far.shell(`
    ip addr add 10.7.0.2/24 dev far0
    ip addr add 10.7.1.2/24 dev far0
    ip addr add fd07::2/64 dev far0 nodad
    ip addr add fd07:1::2/64 dev far0 nodad
    ip link set far0 up
    ip route replace default via 10.7.0.1 dev far0
    ip route replace default via fd07::1 dev far0
    ip route del local 192.0.2.0/24 dev lo
    ip route del local 2001:db8::/64 dev lo`);
  for (const [prefix, number] of [
    ['10.7.0.2/32', 4],
    ['10.7.1.2/32', 4],
    ['fd07::2/128', 6],
    ['fd07:1::2/128', 6],
  ] as const)
    await client.shell(`ip -${number} route add ${prefix} dev far0 mtu lock ${SMALL}`);
  await director.shell(`
    ip route add 10.7.0.0/16 via 10.1.0.2
    ip route add fd07::/16 via fd01::2`);
  await server.shell(`
    ip route add 10.7.0.0/24 via 10.3.0.2 dev eth0
    ip route add fd07::/64 via fd03::2 dev eth0`);
}
