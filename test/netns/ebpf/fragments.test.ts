/** Datagrams of 8 KB over links of 1500 bytes, both ways: only the first fragment has ports. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CLIENT_ADDRESSES, FAMILIES, serverAddress } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { askUdp } from '../peer/udp-client.ts';
import { startUdpServer } from '../peer/udp-server.ts';
import { endpoint, listedRows } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';

const METHODS = [
  { name: 'NAT', number: 10, words: '-m', port: 53 },
  { name: 'NAT to another port', number: 11, words: '-m', port: 5353 },
  { name: 'direct routing', number: 12, words: '-g', port: 53 },
] as const;
const BYTES = 8000;
/** Of 1480 or 1448 bytes. */
const FRAGMENTS = 6;

onEachAttach(
  'fragments',
  {
    skip: labUnavailable('bpftool'),
    servers: 2,
    offload: true,
    part: 'xdp',
    prepare: async (site) => {
      for (const [index, server] of site.lab.servers.entries()) {
        const own = FAMILIES.map((family) => serverAddress(family, index + 1));
        const virtual = FAMILIES.flatMap((family) => METHODS.map(({ number }) => vip(family, number)));
        await startUdpServer(server, { port: 53, addresses: [...own, ...virtual] });
        await startUdpServer(server, { port: 5353, addresses: own });
      }
      await site.restore(
        FAMILIES.flatMap((family) =>
          METHODS.flatMap(({ number, words, port }) => {
            const service = `-u ${endpoint(vip(family, number), 53)}`;
            return [
              `-A ${service} -s rr`,
              ...[1, 2].map(
                (server) => `-a ${service} -r ${endpoint(serverAddress(family, server), port)} ${words}`,
              ),
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
          const masquerade = words === '-m';
          const from = CLIENT_ADDRESSES[family][masquerade ? 'throughDirector' : 'pastDirector'];
          const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(BYTES));
          const server = vip(family, number);
          const answers = await askUdp(site().lab.client, { server, port: 53, from, texts, apart: true });
          for (const [index, answer] of answers.entries())
            assert.match(
              answer !== null && 'text' in answer ? answer.text : JSON.stringify(answer),
              new RegExp(`^rs[12] ${from}:\\d+ ${texts[index]}$`),
            );
          const listed = listedRows(await site().ipvsadm('-Ln', '--stats', '--exact'));
          const [connections, inPackets, outPackets] =
            listed.find(({ service }) => service === `udp ${endpoint(server, 53)}`)?.columns.map(Number) ??
            [];
          const fragments = FRAGMENTS * texts.length;
          assert.deepEqual(
            [connections, inPackets, outPackets],
            [texts.length, fragments, masquerade ? fragments : 0],
          );
        });

    it('no fragment was lost', async () => {
      const { FRAGMENT_UNKNOWN, NO_NEXT_HOP, TOO_BIG, REWRITE_FAILED } = await site().totals();
      assert.deepEqual([FRAGMENT_UNKNOWN, NO_NEXT_HOP, TOO_BIG, REWRITE_FAILED], [0, 0, 0, 0]);
    });
  },
);

function vip(family: (typeof FAMILIES)[number], number: number): string {
  return family === 'inet' ? `192.0.2.${number}` : `2001:db8::${number}`;
}
