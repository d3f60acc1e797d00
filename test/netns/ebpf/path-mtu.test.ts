/** Senders learn of links that are smaller than their own: towards a server, behind it, inside a tunnel, towards the client. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Family } from '../../../src/model/address.ts';
import { acceptTunnels } from '../../realserver/accept-tunnels.ts';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import type { Host } from '../lab/host.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { curl, curlSha256 } from '../peer/curl.ts';
import { type LargeFile, makeLargeFile } from '../peer/large-file.ts';
import { startNginx } from '../peer/nginx.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { onlyInWhole } from './fixture/extent.ts';
import { endpoint } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { startUploadServer } from './fixture/upload-server.ts';

const DONT_FRAGMENT = new URL('./fixture/dont-fragment-process.ts', import.meta.url).pathname;
const UPLOAD = 8000;
/** Of a service that nobody listens at. */
const DISCARD = 9;
/** The route to rs1; the link between rs2, which is a router here, and rs3; the route to the client. */
const [NEAR, HIDDEN, FRONT] = [1400, 1380, 1420];
const NEAR_SERVER = { inet: '10.2.0.11', inet6: 'fd02::11' } as const;
const HIDDEN_SERVER = { inet: '10.9.0.13', inet6: 'fd09::13' } as const;
const MEGABYTES = 5;

const CASES = [
  {
    name: 'a small link to the server, NAT',
    vip: 10,
    servers: NEAR_SERVER,
    words: '-m',
    mtu: { inet: NEAR, inet6: NEAR },
  },
  {
    name: 'a small link to the server, direct routing',
    vip: 11,
    servers: NEAR_SERVER,
    words: '-g',
    mtu: { inet: NEAR, inet6: NEAR },
  },
  {
    name: 'a small link behind a router, NAT',
    vip: 12,
    servers: HIDDEN_SERVER,
    words: '-m',
    mtu: { inet: HIDDEN, inet6: HIDDEN },
  },
  {
    name: 'a small link behind a router, IPIP',
    vip: 13,
    servers: HIDDEN_SERVER,
    words: '-i',
    mtu: { inet: HIDDEN - 20, inet6: HIDDEN - 40 },
  },
  {
    name: 'a small link behind a router, GUE',
    vip: 14,
    servers: HIDDEN_SERVER,
    words: '-i --tun-type gue --tun-port 6080',
    mtu: { inet: HIDDEN - 32, inet6: HIDDEN - 52 },
  },
  {
    name: 'a small link behind a router, GRE',
    vip: 15,
    servers: HIDDEN_SERVER,
    words: '-i --tun-type gre',
    mtu: { inet: HIDDEN - 24, inet6: HIDDEN - 44 },
  },
] as const;
const FAMILIES = ['inet', 'inet6'] as const;

/** Numbers of the cases' VIPs within `npm test`. */
const PART: Readonly<Record<Family, readonly number[]>> = { inet: [10, 11, 12, 13], inet6: [10, 14] };

let file: LargeFile;

onEachAttach(
  'path MTU',
  {
    skip: labUnavailable('nginx', 'curl', 'sha256sum', 'bpftool'),
    servers: 3,
    offload: true,
    part: 'tc',
    prepare: async (site) => {
      await hideServer(site);
      await acceptTunnels({
        virtualAddresses: FAMILIES.flatMap((family) => CASES.map(({ vip }) => virtual(family, vip))),
      })(site.lab.host('rs3'));
      file = await makeLargeFile(site.lab, MEGABYTES);
      for (const name of ['rs1', 'rs3']) {
        await startNginx(site.lab, site.lab.host(name), { ports: [80], largeFile: file });
        await startUploadServer(site.lab.host(name), UPLOAD);
      }
      await site.restore(
        FAMILIES.flatMap((family) =>
          CASES.flatMap(({ vip, servers, words }) =>
            [`-t`, '-t', '-u'].flatMap((protocol, index) => {
              const port = [80, UPLOAD, DISCARD][index] ?? 0;
              const service = `${protocol} ${endpoint(virtual(family, vip), port)}`;
              return [`-A ${service} -s rr`, `-a ${service} -r ${endpoint(servers[family], port)} ${words}`];
            }),
          ),
        ),
      );
    },
  },
  (site) => {
    for (const family of FAMILIES) {
      const name = family === 'inet' ? 'IPv4' : 'IPv6';
      const cases = onlyInWhole() === false ? CASES : CASES.filter(({ vip }) => PART[family].includes(vip));
      if (cases.length < CASES.length)
        it(`${CASES.length - cases.length} more cases, ${name}`, { skip: onlyInWhole() }, () => {});

      for (const { name: link, vip, words, mtu } of cases) {
        const from = CLIENT_ADDRESSES[family][words === '-m' ? 'throughDirector' : 'pastDirector'];
        it(`${link}, ${name}`, async () => {
          const { client } = site().lab;
          const address = virtual(family, vip);
          const tooBig = mtu[family] - (family === 'inet' ? 28 : 48) + 1;
          assert.equal(await learned(client, address, from), undefined);
          assert.equal(await datagramError(client, address, from, tooBig - 1), '');
          assert.equal(await datagramError(client, address, from, tooBig), 'EMSGSIZE');
          assert.equal(await learned(client, address, from), mtu[family]);
          await forget(client);
          await transfer(client, address, from);
          assert.equal(await learned(client, address, from), mtu[family]);
        });
      }

      it(`a small link to the client, NAT, ${name}`, async () => {
        const { client, director } = site().lab;
        const from = CLIENT_ADDRESSES[family].throughDirector;
        const prefix = family === 'inet' ? 32 : 128;
        // bpf_fib_lookup() tells of a route's MTU only where it is locked (net/ipv4/route.c, ip_mtu_from_fib_result).
        await director.shell(`ip route add ${from}/${prefix} dev eth0 mtu lock ${FRONT}`);
        await forget(client);
        await transfer(client, virtual(family, CASES[2].vip), from);
        assert.equal(await learned(site().lab.host('rs3'), from, HIDDEN_SERVER[family]), FRONT);
      });
    }
  },
);

async function transfer(client: Host, vip: string, from: string): Promise<void> {
  assert.equal(await curlSha256(client, `http://${endpoint(vip, 80)}/large`, { from }), file.sha256);
  const uploaded = await curl(client, `http://${endpoint(vip, UPLOAD)}/`, { from, words: ['-T', file.path] });
  assert.equal(uploaded.split(' ')[0], file.sha256);
}

/** What a host knows of the way, beyond its own link. */
async function learned(host: Host, to: string, from: string): Promise<number | undefined> {
  const mtu = /mtu (\d+)/.exec(await host.output(['ip', 'route', 'get', to, 'from', from]))?.[1];
  return mtu === undefined ? undefined : Number(mtu);
}

async function forget(host: Host): Promise<void> {
  await host.shell('ip route flush cache; ip -6 route flush cache');
}

function datagramError(host: Host, to: string, from: string, size: number): Promise<string> {
  const words = [process.execPath, DONT_FRAGMENT, to, `${DISCARD}`, from, `${size}`];
  return host.output(words).then((text) => text.trim());
}

function virtual(family: (typeof FAMILIES)[number], number: number): string {
  return family === 'inet' ? `192.0.2.${number}` : `2001:db8::${number}`;
}

/** Gives rs3 a second address, which the director reaches through rs2, over a small link; its answers go the usual way. */
async function hideServer({ lab }: EbpfLab): Promise<void> {
  const [router, hidden] = [lab.host('rs2'), lab.host('rs3')];
  await router.shell(`
    ip link add deep0 mtu ${HIDDEN} type veth peer name deep0 mtu ${HIDDEN} netns ${hidden.namespace}
    echo 1 >/proc/sys/net/ipv4/ip_forward
    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding`);
  for (const [host, number] of [
    [router, 1],
    [hidden, 13],
  ] as const)
    await host.shell(`
      ip addr add 10.9.0.${number}/24 dev deep0
      ip addr add fd09::${number}/64 dev deep0 nodad
      ip link set deep0 up`);
  await lab.director.shell(`
    ip route add 10.9.0.0/24 via 10.2.0.12
    ip route add fd09::/64 via fd02::12
    ip route add 10.2.0.11/32 dev eth1 mtu ${NEAR}
    ip route add fd02::11/128 dev eth1 mtu ${NEAR}`);
}
