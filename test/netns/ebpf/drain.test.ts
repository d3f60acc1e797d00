/** A server is drained under persistent clients that go on asking: their flows end with the deadline, and the next datagram is answered. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { DirectorClient } from '../../../src/api/client.ts';
import type { DrainRequest } from '../../../src/api/operated-director.ts';
import { ip } from '../../engine/sample-table.ts';
import { CLIENT_ADDRESSES } from '../lab/address.ts';
import { labUnavailable } from '../lab/lab-unavailable.ts';
import { askUdp } from '../peer/udp-client.ts';
import type { EbpfLab } from './fixture/ebpf-lab.ts';
import { startServers } from './fixture/http-servers.ts';
import { listedConnections, listedRows } from './fixture/listing.ts';
import { onEachAttach } from './fixture/on-each-attach.ts';
import { until } from './fixture/until.ts';

const VIP = '192.0.2.10';
const FROM = CLIENT_ADDRESSES.inet.throughDirector;

onEachAttach(
  'a drain',
  {
    skip: labUnavailable('nginx', 'curl', 'bpftool'),
    servers: 2,
    part: 'xdp',
    prepare: async (site) => {
      await startServers(site, [VIP]);
      await site.restore([
        `-A -u ${VIP}:53 -s rr -p 300`,
        `-a -u ${VIP}:53 -r 10.2.0.11:53 -m`,
        `-a -u ${VIP}:53 -r 10.2.0.12:53 -m`,
      ]);
    },
  },
  (site) => {
    it('ends flows and templates with its deadline, and leaves no count behind', async () => {
      const [drained, ...others] = await answers(site(), { fromPort: 40_000 });
      assert.ok(drained !== undefined && others.every((name) => name === drained));
      const [{ destination } = { destination: '' }] = await entries(site());
      const address = ip(destination.slice(0, destination.lastIndexOf(':')));
      const client = new DirectorClient(join(site().lab.directory, 'vipr.sock'));
      try {
        await client.drain(drainOf(address, {}));
        // The flow and the template still lead there.
        assert.deepEqual(new Set(await answers(site(), { fromPort: 40_000 })), new Set([drained]));
        await client.drain(drainOf(address, { deadline: 1 }));
        await until(async () => assert.equal((await client.drains())[0]?.state, 'expired'), 20_000);
        for (const again of [{ fromPort: 40_000 }, { apart: true }]) {
          const names = new Set(await answers(site(), again));
          assert.ok(names.size === 1 && !names.has(drained), [...names].join());
        }
        assert.deepEqual(
          (await entries(site())).filter((entry) => entry.destination === destination),
          [],
        );
        await until(async () => {
          const row = listedRows(await site().ipvsadm('-Ln')).find(
            (each) => each.destination === destination,
          );
          assert.deepEqual(row?.columns, ['Masq', '0', '0', '0']);
        }, 20_000);
        await client.restore({ address });
        const row = listedRows(await site().ipvsadm('-Ln')).find((each) => each.destination === destination);
        assert.equal(row?.columns[1], '1');
      } finally {
        await client.close();
      }
    });
  },
);

/** The servers that answer three datagrams; every one is answered. */
async function answers(
  { lab }: EbpfLab,
  more: { readonly fromPort?: number; readonly apart?: boolean },
): Promise<readonly string[]> {
  const found = await askUdp(lab.client, {
    server: VIP,
    port: 53,
    from: FROM,
    texts: ['x', 'x', 'x'],
    ...more,
  });
  return found.map((answer) => {
    assert.ok(answer !== null && 'text' in answer, JSON.stringify(answer));
    return answer.text.slice(0, 3);
  });
}

async function entries(site: EbpfLab) {
  return listedConnections(await site.ipvsadm('-Lcn'));
}

function drainOf(address: DrainRequest['address'], more: Partial<DrainRequest>): DrainRequest {
  const then = 'leave';
  return { address, then, ...more };
}
