import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  TOTAL_CONNECTIONS_ADDED,
  TOTAL_CONNECTIONS_REMOVED,
  TOTAL_TABLE_FULL,
} from '../../src/engines/ebpf/layout.gen.ts';
import { tcp } from '../packet/packet.ts';
import { flow, frame } from './harness/flow.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { race } from './harness/race.ts';

const CLIENTS = 200;
/** TC_ACT_REDIRECT and TC_ACT_SHOT. */
const FORWARDED = 7;
const DROPPED = 2;
const SERVERS = ['10.2.0.11:80', '10.2.0.12:80', '10.2.0.13:80'];

/** Two processors meet the first packet of a connection, as happens where a device spreads a retransmitted SYN over its queues. */
describe('two processors open the same connection', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.close());

  const configure = (options: string) =>
    lab.configure(`
      -A -t 192.0.2.10:80 -s rr ${options}
      ${SERVERS.map((server) => `-a -t 192.0.2.10:80 -r ${server} -m`).join('\n')}`);

  /** Each client's SYN comes twice at the same time. */
  async function arrive(): Promise<void> {
    const packets = Array.from({ length: CLIENTS }, (_, nth) => {
      const ends = flow(`10.1.${nth >> 8}.${nth & 255}:7001 > 192.0.2.10:80`);
      const syn = tcp({ source: 7001, destination: 80, flags: ['syn'] });
      return frame(ends, syn, lab.network.clients.mac);
    });
    const [one = [], other = []] = await race(lab, packets);
    for (const [nth, verdict] of one.entries()) {
      // Where the other is still at work on the client's last connection, one of them may give up.
      const both = [verdict, other[nth]].sort();
      assert.ok(both[1] === FORWARDED && (both[0] === FORWARDED || both[0] === DROPPED), `${nth}: ${both}`);
    }
    assert.equal(lab.total(TOTAL_TABLE_FULL), 0);
  }

  /** One entry for each client, whose reply entry leads to it, and counted once. */
  function assertWhole(templates: number): void {
    const connections = lab.connections().filter(({ template }) => !template);
    assert.equal(connections.length, CLIENTS);
    assert.deepEqual(
      connections.map(({ client, server }) => `${client} < ${server} = 192.0.2.10:80`).sort(),
      lab.replies(),
    );
    for (const server of SERVERS) {
      const own = connections.filter((each) => each.server === server).length;
      const { active, inactive } = lab.live(server);
      assert.deepEqual([active, inactive], [own, 0], server);
      assert.equal(lab.destinationCounters(server).connections, own, server);
    }
    assert.equal(lab.serviceCounters('10.2.0.11:80').inPackets, 2 * CLIENTS);
    const entries = lab.total(TOTAL_CONNECTIONS_ADDED) - lab.total(TOTAL_CONNECTIONS_REMOVED);
    assert.equal(entries, CLIENTS + templates);
  }

  test('of clients that are new', async () => {
    await configure('');
    await arrive();
    assertWhole(0);
  });

  test('under templates that are new: each hangs on its client’s once, and lets it go', async () => {
    await configure('-p 1000');
    await arrive();
    assertWhole(CLIENTS);
    assert.deepEqual(new Set(lab.templates().map(({ record }) => record.controlled)), new Set([1]));
    for (const { client, server } of lab.templates())
      assert.equal(lab.find(client.replace(/:0$/, ':7001'))?.server, server);
    lab.expire(61);
    assert.deepEqual(new Set(lab.templates().map(({ record }) => record.controlled)), new Set([0]));
    lab.expire(1000);
    assert.deepEqual(lab.connections(), []);
    assert.deepEqual(lab.replies(), []);
    for (const server of SERVERS)
      assert.deepEqual(lab.live(server), { active: 0, inactive: 0, persistent: 0, overloaded: false });
  });

  test('over ones that are over', async () => {
    await configure('');
    await arrive();
    lab.elapse(61);
    await arrive();
    const connections = lab.connections();
    assert.equal(connections.length, CLIENTS);
    const sum = SERVERS.reduce((all, server) => all + lab.live(server).active + lab.live(server).inactive, 0);
    assert.equal(sum, CLIENTS);
    const alive = connections.filter(({ record }) => record.expires > lab.plane.jiffies());
    assert.ok(alive.length === CLIENTS, `${alive.length} of ${CLIENTS} are alive`);
    lab.expire(61);
    assert.deepEqual(lab.connections(), []);
    for (const server of SERVERS)
      assert.deepEqual(lab.live(server), { active: 0, inactive: 0, persistent: 0, overloaded: false });
  });
});
