/** Two directors with the same table: the backup has the connections of the master, and they go on there when the master is gone. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { acceptTunnels } from '../../realserver/accept-tunnels.ts';
import { CLIENT_ADDRESSES, directorAddress, FAMILIES, serverAddress } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { curl, curlSha256 } from '../peer/curl.ts';
import { type LargeFile, makeLargeFile } from '../peer/large-file.ts';
import { startNginx } from '../peer/nginx.ts';
import { askUdp } from '../peer/udp-client.ts';
import { startUdpServer } from '../peer/udp-server.ts';
import { EbpfLab } from './fixture/ebpf-lab.ts';
import { HeldConnections } from './fixture/held-connections.ts';
import { endpoint, type ListedConnection, listedConnections, listedRows } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const METHODS = ['-m', '-g', '-i'] as const;
/** A VIP for each method and family. */
const VIPS = METHODS.flatMap((words, index) =>
  FAMILIES.map((family) => {
    const vip = family === 'inet' ? `192.0.2.${10 + index}` : `2001:db8::${10 + index}`;
    const from = CLIENT_ADDRESSES[family][words === '-m' ? 'throughDirector' : 'pastDirector'];
    // Of its own: clients have one address for direct routing and tunnels.
    return { words, family, vip, from, datagramPort: 40_053 + index };
  }),
);
const PERSISTENT = { inet: '192.0.2.20', inet6: '2001:db8::20' };
/** Connections held on each VIP. */
const COUNT = 4;
const [MEGABYTES, PACE] = [6, '1M'];

let backup: EbpfLab;
let file: LargeFile;
let download: Promise<string>;
const held: HeldConnections[] = [];
const persistentServers: string[] = [];

onEachAttach(
  'synchronisation',
  {
    skip: labUnavailable('nginx', 'curl', 'bpftool'),
    servers: 2,
    directors: 2,
    part: 'xdp',
    limitMs: 400_000,
    acceptTunnels: acceptTunnels({ virtualAddresses: VIPS.map(({ vip }) => vip) }),
    prepare: async (site) => {
      const { lab, attach } = site;
      held.length = 0;
      persistentServers.length = 0;
      file = await makeLargeFile(lab, MEGABYTES);
      const virtualAddresses = VIPS.map(({ vip }) => vip);
      await Promise.all(
        lab.servers.map(async (server, index) => {
          await startNginx(lab, server, { ports: [80], largeFile: file });
          const own = FAMILIES.map((family) => serverAddress(family, index + 1));
          await startUdpServer(server, { addresses: [...own, ...virtualAddresses] });
        }),
      );
      backup = await EbpfLab.beside(site, 'lvs2', { attach });
      await Promise.all([site.restore(RULES), backup.restore(RULES)]);
      await site.ipvsadm('--start-daemon', 'master', '--mcast-interface', 'eth1', '--syncid', '7');
      await startBackup();
    },
  },
  (site) => {
    it('has the backup list what the master lists: states, times, destinations and counts', async () => {
      const { client } = site().lab;
      await Promise.all(
        VIPS.map(async (each) => {
          const { vip, from } = each;
          held.push(await HeldConnections.open(client, { server: vip, port: 80, from, count: COUNT }));
          await curl(client, `http://${endpoint(vip, 80)}/`, { from, words: ['-H', 'Connection: close'] });
          await datagrams(site(), each);
        }),
      );
      for (const family of FAMILIES) persistentServers.push(await persistentServer(site(), family));
      await until(() => assertSameConnections(site()), 15_000);
      const connections = listedConnections(await backup.ipvsadm('-Lcn'));
      const states = new Set(connections.map(({ state }) => state));
      for (const state of ['ESTABLISHED', 'UDP', 'TIME_WAIT', 'FIN_WAIT'])
        assert.ok(states.has(state), [...states].join());
      const established = connections.filter(({ state }) => state === 'ESTABLISHED');
      assert.ok(established.length >= VIPS.length * COUNT, `${established.length}`);
      await until(async () => assert.deepEqual(await counts(backup), await counts(site())), 15_000);
    });

    it('gives a backup that begins anew the whole table, also of connections that are idle', async () => {
      await backup.director.stop('SIGTERM');
      await backup.down();
      await backup.up();
      assert.deepEqual(listedConnections(await backup.ipvsadm('-Lcn')), []);
      await backup.restore(RULES);
      await startBackup();
      await until(() => assertSameConnections(site()), 60_000);
      const templates = listedConnections(await backup.ipvsadm('-Lcn')).filter(({ client }) =>
        client.endsWith(':0'),
      );
      assert.deepEqual(new Set(templates.map(({ state }) => state)), new Set(['ASSURED']));
      await until(async () => assert.deepEqual(await counts(backup), await counts(site())), 15_000);
      await until(async () => {
        const { code, stdout } = await backup.vipr('sync');
        assert.match(stdout.toString(), /^backup .*, synchronised$/m);
        assert.equal(code, 0);
      }, 15_000);
    });

    it('lets connections go on at the backup, with the data that is on its way', async () => {
      const { lab } = site();
      const url = `http://${endpoint('192.0.2.10', 80)}/large`;
      const from = CLIENT_ADDRESSES.inet.throughDirector;
      download = curlSha256(lab.client, url, { from, limitSeconds: 60, words: ['--limit-rate', PACE] });
      await until(() => assertSameConnections(site()), 15_000);
      await takeOver(site());
      const answers = await Promise.all(held.map((each) => each.ask()));
      assert.deepEqual(
        answers,
        VIPS.map(() => ({ answered: COUNT, ended: 0 })),
      );
      assert.equal(await download, file.sha256);
      for (const each of VIPS) assert.equal((await datagrams(site(), each)).length, 1);
      const established = listedConnections(await backup.ipvsadm('-Lcn')).filter(
        ({ state, expires }) => state === 'ESTABLISHED' && expires > 800,
      );
      assert.ok(established.length >= VIPS.length * COUNT, `${established.length} are used`);
    });

    it('leaves persistent clients at their servers', async () => {
      for (const [index, family] of FAMILIES.entries())
        assert.equal(await persistentServer(site(), family), persistentServers[index]);
    });

    it('ends with the daemons', async () => {
      assert.match(await backup.ipvsadm('-L', '--daemon'), /^backup sync daemon \(mcast=eth1, syncid=7,/);
      await backup.ipvsadm('--stop-daemon', 'backup');
      assert.equal(await backup.ipvsadm('-L', '--daemon'), '');
      for (const each of held.splice(0)) await each.close();
    });
  },
);

const RULES = [
  ...VIPS.flatMap(({ words, family, vip }) =>
    [`-t ${endpoint(vip, 80)}`, `-u ${endpoint(vip, 53)}`].flatMap((service) =>
      rulesOf(service, family, words),
    ),
  ),
  ...FAMILIES.flatMap((family) => rulesOf(`-t ${endpoint(PERSISTENT[family], 80)}`, family, '-m', '-p 300')),
];

function rulesOf(service: string, family: 'inet' | 'inet6', words: string, more = ''): readonly string[] {
  const port = service.startsWith('-u') ? 53 : 80;
  return [
    `-A ${service} -s rr ${more}`,
    ...[1, 2].map((number) => `-a ${service} -r ${endpoint(serverAddress(family, number), port)} ${words}`),
  ];
}

async function startBackup(): Promise<void> {
  await backup.ipvsadm('--start-daemon', 'backup', '--mcast-interface', 'eth1', '--syncid', '7');
}

/** The servers that answer four datagrams of one flow: backups hear of it by the third. */
async function datagrams(
  { lab }: EbpfLab,
  { vip: server, from, datagramPort: fromPort }: (typeof VIPS)[number],
): Promise<readonly string[]> {
  const texts = ['1', '2', '3', '4'];
  const answers = await askUdp(lab.client, { server, port: 53, from, fromPort, texts });
  const names = answers.map((answer) =>
    answer !== null && 'text' in answer ? answer.text.slice(0, 3) : 'none',
  );
  assert.deepEqual(
    names.filter((name) => name === 'none'),
    [],
    `${server}: ${JSON.stringify(answers)}`,
  );
  return [...new Set(names)];
}

async function persistentServer({ lab }: EbpfLab, family: 'inet' | 'inet6'): Promise<string> {
  const from = CLIENT_ADDRESSES[family].throughDirector;
  const url = `http://${endpoint(PERSISTENT[family], 80)}/`;
  const answers = await curl(lab.client, url, { from, words: ['-H', 'Connection: close', url, url] });
  const names = new Set(
    answers
      .trim()
      .split('\n')
      .map((answer) => answer.split(' ')[0] ?? ''),
  );
  assert.equal(names.size, 1, answers);
  return [...names].join();
}

async function assertSameConnections(master: EbpfLab): Promise<void> {
  const [here, there] = await Promise.all(
    [master, backup].map(async (each) => {
      const listed = listedConnections(await each.ipvsadm('-Lcn'));
      return new Map(listed.map((connection) => [identity(connection), connection]));
    }),
  );
  assert.ok(here !== undefined && there !== undefined);
  assert.deepEqual([...there.keys()].toSorted(), [...here.keys()].toSorted());
  for (const [name, { expires }] of here) {
    const other: number = there.get(name)?.expires ?? 0;
    // With a whole table templates begin their time anew.
    assert.ok(Math.abs(other - expires) <= 60, `${name}: ${other} s, and ${expires} s at the master`);
  }
}

/** A template is told before its first connection is established, and again seconds later: it may be NONE there for a while. */
function identity({ protocol, state, client, virtual, destination }: ListedConnection): string {
  const shown = state === 'NONE' || state === 'ASSURED' ? 'template' : state;
  return [protocol, shown, client, virtual, destination].join(' ');
}

/** Active and inactive connections by destination. */
async function counts(site: EbpfLab): Promise<readonly string[]> {
  return listedRows(await site.ipvsadm('-Ln'))
    .filter(({ destination }) => destination !== undefined)
    .map(({ service, destination, columns }) => [service, destination, ...columns.slice(2)].join(' '));
}

/** The master is gone with its host, and routes lead to the other one. */
async function takeOver(master: EbpfLab): Promise<void> {
  const { lab } = master;
  await master.director.stop('SIGKILL');
  await lab.director.shell('ip link set eth0 down; ip link set eth1 down');
  const routes = (side: 'front' | 'lan') =>
    FAMILIES.map((family) => `ip route replace default via ${directorAddress(family, 2, side)}\n`).join('');
  await Promise.all([
    lab.client.shell(routes('front')),
    ...lab.servers.map((server) => server.shell(routes('lan'))),
  ]);
}
