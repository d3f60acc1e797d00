/** ICMP errors from and about both sides, and the echo of the director itself. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIENT_ADDRESSES, serverAddress } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { curl } from '../peer/curl.ts';
import { startNginx } from '../peer/nginx.ts';
import { ping } from '../peer/ping.ts';
import { traceroute } from '../peer/traceroute.ts';
import { askUdp } from '../peer/udp-client.ts';
import { endpoint } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';

const VIPS = [
  { name: 'NAT, IPv4', family: 'inet', vip: '192.0.2.10', words: '-m', way: 'throughDirector' },
  { name: 'direct routing, IPv4', family: 'inet', vip: '192.0.2.11', words: '-g', way: 'pastDirector' },
  { name: 'NAT, IPv6', family: 'inet6', vip: '2001:db8::10', words: '-m', way: 'throughDirector' },
  { name: 'direct routing, IPv6', family: 'inet6', vip: '2001:db8::11', words: '-g', way: 'pastDirector' },
] as const;
/** Of a service whose server does not listen, and of one without servers. */
const [DEAF, EMPTY] = [9, 10];

onEachAttach(
  'ICMP',
  {
    skip: labUnavailable('nginx', 'curl', 'ping', 'traceroute', 'bpftool'),
    servers: 1,
    part: 'xdp',
    prepare: async (site) => {
      for (const server of site.lab.servers) await startNginx(site.lab, server, { ports: [80] });
      await site.restore(
        VIPS.flatMap(({ family, vip, words }) => [
          ...[`-t ${endpoint(vip, 80)}`, `-u ${endpoint(vip, DEAF)}`].flatMap((service) => [
            `-A ${service} -s rr`,
            `-a ${service} -r ${endpoint(serverAddress(family, 1), service.startsWith('-t') ? 80 : DEAF)} ${words}`,
          ]),
          `-A -t ${endpoint(vip, EMPTY)} -s rr`,
          `-A -u ${endpoint(vip, EMPTY)} -s rr`,
        ]),
      );
    },
  },
  (site) => {
    for (const { name, family, vip, way } of VIPS) {
      const from = CLIENT_ADDRESSES[family][way];

      it(`the director answers ping to the VIP, ${name}`, async () => {
        assert.equal((await ping(site().lab.client, vip, { from })).received, 1);
        assert.equal((await ping(site().lab.client, vip, { from, size: 4000 })).received, 1);
      });

      it(`traceroute sees the director, which answers as the VIP, and then the server, ${name}`, async () => {
        const hops = await traceroute(site().lab.client, vip, { from, by: { tcp: 80 } });
        // As of IPVS, the error comes from the address that the packet was sent to.
        assert.deepEqual(hops, [vip, vip]);
      });

      it(`port unreachable from a server reaches the client, ${name}`, async () => {
        const answers = await askUdp(site().lab.client, {
          server: vip,
          port: DEAF,
          from,
          texts: ['a', 'b'],
          apart: true,
        });
        assert.deepEqual(answers, [{ error: 'ECONNREFUSED' }, { error: 'ECONNREFUSED' }]);
      });

      it(`without a destination clients are refused at once, ${name}`, async () => {
        const { client } = site().lab;
        await assert.rejects(
          curl(client, `http://${endpoint(vip, EMPTY)}/`, { from, limitSeconds: 5 }),
          /\(7\).*(refused|connect)/,
        );
        const [answer] = await askUdp(client, {
          server: vip,
          port: EMPTY,
          from,
          texts: ['a'],
          limitMs: 3000,
        });
        assert.deepEqual(answer, { error: 'ECONNREFUSED' });
      });
    }
  },
);
