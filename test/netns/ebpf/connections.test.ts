/** How TCP connections live: half closed, idle, one after the other from the same port, and very many. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLIENT_ADDRESSES, directorAddress, serverAddress } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import type { Program } from '../lab/program.ts';
import { curl } from '../peer/curl.ts';
import { startNginx } from '../peer/nginx.ts';
import { wrk } from '../peer/wrk.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { onlyInWhole } from './fixture/extent.ts';
import { HeldConnections } from './fixture/held-connections.ts';
import { endpoint, listedConnections, listedRows } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const HALF_CLOSED_SERVER = new URL('./fixture/half-closed-server-process.ts', import.meta.url).pathname;
const HALF_CLOSED_CLIENT = new URL('./fixture/half-closed-client-process.ts', import.meta.url).pathname;
const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const [PATIENT, HASTY] = [7001, 7002];
/** A VIP each for masquerading and for direct routing, by family. */
const ALL_VIPS = [
  {
    name: 'NAT, IPv4',
    family: 'inet',
    vip: '192.0.2.10',
    words: '-m',
    from: CLIENT_ADDRESSES.inet.throughDirector,
  },
  {
    name: 'direct routing, IPv4',
    family: 'inet',
    vip: '192.0.2.11',
    words: '-g',
    from: CLIENT_ADDRESSES.inet.pastDirector,
  },
  {
    name: 'NAT, IPv6',
    family: 'inet6',
    vip: '2001:db8::10',
    words: '-m',
    from: CLIENT_ADDRESSES.inet6.throughDirector,
  },
  {
    name: 'direct routing, IPv6',
    family: 'inet6',
    vip: '2001:db8::11',
    words: '-g',
    from: CLIENT_ADDRESSES.inet6.pastDirector,
  },
] as const;
/** Both methods and both families within `npm test`, too. */
const VIPS = onlyInWhole() === false ? ALL_VIPS : [ALL_VIPS[0], ALL_VIPS[3]];
/** Of the connections of wrk, most of which end in TIME_WAIT. */
const TABLE = 65_536;

const servers: Program[] = [];

onEachAttach(
  'connections',
  {
    skip: labUnavailable('nginx', 'curl', 'wrk', 'bpftool'),
    servers: 2,
    offload: true,
    part: 'xdp',
    connections: TABLE,
    prepare: async (site) => {
      const { lab } = site;
      servers.length = 0;
      for (const server of lab.servers) {
        await startNginx(lab, server, { ports: [80] });
        const words = [process.execPath, HALF_CLOSED_SERVER, `${PATIENT}`, `${HASTY}`];
        servers.push(await server.startServer(words, 'tcp', [PATIENT, HASTY]));
      }
      for (const { vip, from } of VIPS) await lab.client.shell(routeFrom(vip, from));
      await site.restore(
        VIPS.flatMap(({ family, vip, words }) =>
          [80, PATIENT, HASTY].flatMap((port) => [
            `-A -t ${endpoint(vip, port)} -s rr`,
            ...[1, 2].map(
              (number) =>
                `-a -t ${endpoint(vip, port)} -r ${endpoint(serverAddress(family, number), port)} ${words}`,
            ),
          ]),
        ),
      );
    },
  },
  (site) => {
    if (VIPS.length < ALL_VIPS.length)
      it('the other methods and families', { skip: onlyInWhole() }, () => {});

    for (const { name, vip, words, from } of VIPS) {
      it(`the server goes on sending after the client's end, ${name}`, async () => {
        const { sent, heard } = await halfClosed(site(), 'patient', vip, PATIENT, from);
        assert.equal(heard, `hello\n${sent}\n${20 * 32 * 1024}\ngoodbye\n`);
      });

      it(`the client goes on sending after the server's end, ${name}`, async () => {
        const { sent, heard } = await halfClosed(site(), 'hasty', vip, HASTY, from);
        assert.equal(heard, 'hello\n');
        assert.notEqual(sent, SHA256_OF_NOTHING);
        await until(() => assert.ok(servers.some(({ stdout }) => stdout.includes(sent))));
      });

      it(`a port that is used again gets a connection of its own, ${name}`, async () => {
        // The client waits for the server's end, so that the port is free again at once.
        const more = ['--local-port', '41000', '-H', 'Connection: close', '--ignore-content-length'];
        const url = `http://${endpoint(vip, 80)}/`;
        const answers: string[] = [];
        for (let round = 0; round < 4; round++)
          answers.push(await curl(site().lab.client, url, { from, words: more }));
        // Where the director sees both ends of it, the old one makes way, and the next server has its turn.
        const heard = new Set(answers).size;
        assert.equal(heard, words === '-m' ? 2 : 1, answers.join(''));
        const entries = listedConnections(await site().ipvsadm('-Lcn'));
        assert.equal(entries.filter(({ client }) => client === endpoint(from, 41000)).length, 1);
      });

      it(`very many short connections, ${name}`, async () => {
        const service = `tcp ${endpoint(vip, 80)}`;
        const connections = async (): Promise<readonly number[]> =>
          listedRows(await site().ipvsadm('-Ln', '--stats', '--exact'))
            .filter((row) => row.service === service)
            .map(({ columns }) => Number(columns[0]));
        const before = await connections();
        const { requests, errors, text } = await wrk(site().lab.client, `http://${endpoint(vip, 80)}/`, {
          seconds: 1,
          close: true,
        });
        assert.ok(requests > 100 && errors === 0, text);
        const [all = 0, ...each] = (await connections()).map((count, index) => count - (before[index] ?? 0));
        // By direct routing the director sees the client's half alone: a port that is used again finds its old entry in FIN_WAIT.
        const least = words === '-m' ? requests : requests / 2;
        assert.ok(all >= least && all <= requests + 100, `${all} connections, ${requests} requests`);
        assert.ok(Math.abs((each[0] ?? 0) - (each[1] ?? 0)) <= 1, each.join());
      });
    }

    it('idle connections go on', async () => {
      await site().ipvsadm('--set', '3', '2', '0');
      const { client } = site().lab;
      const held = await Promise.all(
        VIPS.map(({ vip, from }) => HeldConnections.open(client, { server: vip, port: 80, from, count: 4 })),
      );
      for (let round = 0; round < 2; round++) {
        await sleep(1800);
        for (const each of held) assert.deepEqual(await each.ask(), { answered: 4, ended: 0 });
      }
      await Promise.all(held.map((each) => each.close()));
    });

    it('nothing was lost', async () => {
      const { PACKETS, CONNECTIONS_ADDED, CONNECTIONS_REMOVED, PUNTED, ...others } = await site().totals();
      assert.ok(PACKETS > 0 && CONNECTIONS_ADDED > CONNECTIONS_REMOVED);
      // The bridge floods frames to hosts that it does not know yet: those to others XDP passes on.
      assert.ok(PUNTED < 50, `${PUNTED} left to tc`);
      assert.deepEqual(others, Object.fromEntries(Object.keys(others).map((name) => [name, 0])));
    });
  },
);

/** Has the client's programs take that address of its own, also those that cannot be told. */
function routeFrom(vip: string, from: string): string {
  const director = directorAddress(vip.includes(':') ? 'inet6' : 'inet', 1, 'front');
  return `ip route add ${vip} via ${director} dev eth0 src ${from}`;
}

async function halfClosed(
  { lab }: EbpfLab,
  kind: string,
  server: string,
  port: number,
  from: string,
): Promise<{ readonly sent: string; readonly heard: string }> {
  const words = [process.execPath, HALF_CLOSED_CLIENT, kind, server, `${port}`, from];
  return JSON.parse(await lab.client.output(words)) as { sent: string; heard: string };
}
