import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import {
  TOTAL_CONNECTIONS_ADDED,
  TOTAL_CONNECTIONS_REMOVED,
  TOTAL_TABLE_FULL,
} from '../../src/engines/ebpf/layout.gen.ts';
import type { DataPlaneSizes } from './harness/data-plane.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { datagram } from './harness/traffic.ts';

const ROOM = 16;
const SMALL: DataPlaneSizes = { connections: ROOM, replies: 4 * ROOM };
const FEW_REPLIES: DataPlaneSizes = { connections: 4 * ROOM, replies: ROOM };

describe('a full table', { skip: whyNoLab }, () => {
  let lab: Lab;
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  async function open(sizes: DataPlaneSizes, options = ''): Promise<void> {
    lab = new Lab(sizes);
    await lab.configure(`
      -A -u 192.0.2.10:53 -s rr ${options}
      -a -u 192.0.2.10:53 -r 10.2.0.11:53 -m
      -A -u [2001:db8::10]:53 -s rr
      -a -u [2001:db8::10]:53 -r [fd02::11]:53 -m
      -A -u 192.0.2.11:53 -s rr
      -a -u 192.0.2.11:53 -r 10.2.0.12:53 -g`);
  }

  const arrive = (client: string, virtual = '192.0.2.10:53') => datagram(lab, `${client} > ${virtual}`);

  /** Connections and reply entries go together, counts and totals with them. */
  function assertWhole(connections: number): void {
    const listed = lab.connections().filter(({ template }) => !template);
    assert.equal(listed.length, connections);
    const masqueraded = listed.filter(({ virtual }) => virtual !== '192.0.2.11:53');
    assert.deepEqual(
      masqueraded.map(({ client, server, virtual }) => `${client} < ${server} = ${virtual}`).sort(),
      lab.replies(),
    );
    const counted = ['10.2.0.11:53', '[fd02::11]:53', '10.2.0.12:53'].map((each) => lab.live(each).inactive);
    assert.equal(
      counted.reduce((sum, each) => sum + each, 0),
      connections,
    );
    const entries = lab.total(TOTAL_CONNECTIONS_ADDED) - lab.total(TOTAL_CONNECTIONS_REMOVED);
    assert.equal(entries, lab.connections().length);
  }

  for (const [what, sizes] of [
    ['connections', SMALL],
    ['reply entries', FEW_REPLIES],
  ] as const) {
    test(`of ${what}: the packet is dropped and counted, nothing is left half done, the sweep makes room`, async () => {
      await open(sizes);
      for (let nth = 1; nth <= ROOM; nth++) assert.equal(arrive(`10.1.0.2:${7000 + nth}`).action, 'forward');
      assertWhole(ROOM);
      for (let nth = 1; nth <= 5; nth++) assert.equal(arrive(`10.1.0.3:${7000 + nth}`).action, 'drop');
      assertWhole(ROOM);
      assert.equal(lab.total(TOTAL_TABLE_FULL), 5);
      assert.equal(lab.destinationCounters('10.2.0.11:53').connections, ROOM);
      // What is known goes on, and the other family has room of its own.
      assert.equal(arrive('10.1.0.2:7001').action, 'forward');
      assert.equal(arrive('[fd01::2]:7001', '[2001:db8::10]:53').action, 'forward');
      assertWhole(ROOM + 1);
      lab.elapse(301, ({ client }) => client === '10.1.0.2:7001' || client === '10.1.0.2:7002');
      lab.plane.sweep();
      assertWhole(ROOM - 1);
      assert.deepEqual(
        [1, 2, 3].map((nth) => arrive(`10.1.0.4:${7000 + nth}`).action),
        ['forward', 'forward', 'drop'],
      );
      assertWhole(ROOM + 1);
    });
  }

  test('of reply entries does not concern direct routing', async () => {
    await open(FEW_REPLIES);
    for (let nth = 1; nth <= ROOM; nth++) arrive(`10.1.0.2:${7000 + nth}`);
    assert.equal(arrive('10.1.0.3:7001', '192.0.2.11:53').server, '10.2.0.12');
    assertWhole(ROOM + 1);
  });

  test('a connection that is over makes room for its own successor', async () => {
    await open(SMALL);
    for (let nth = 1; nth <= ROOM; nth++) arrive(`10.1.0.2:${7000 + nth}`);
    lab.elapse(301, ({ client }) => client === '10.1.0.2:7001');
    assert.equal(arrive('10.1.0.2:7001').action, 'forward');
    assertWhole(ROOM);
  });

  test('room for the template and not for the connection: the template stays, and nothing hangs on it', async () => {
    await open(SMALL, '-p 100');
    for (let nth = 1; nth <= ROOM - 1; nth++) arrive(`10.1.0.2:${7000 + nth}`, '192.0.2.11:53');
    assert.equal(arrive('10.1.0.3:7001').action, 'drop');
    const [template] = lab.templates();
    assert.equal(template?.record.controlled, 0);
    assertWhole(ROOM - 1);
    assert.deepEqual(lab.live('10.2.0.11:53'), { active: 0, inactive: 0, persistent: 1, overloaded: false });
    lab.expire(101);
    assert.equal(lab.live('10.2.0.11:53').persistent, 0);
    assert.deepEqual(lab.templates(), []);
  });

  test('no room for the template: neither', async () => {
    await open(SMALL, '-p 100');
    for (let nth = 1; nth <= ROOM; nth++) arrive(`10.1.0.2:${7000 + nth}`, '192.0.2.11:53');
    assert.equal(arrive('10.1.0.3:7001').action, 'drop');
    assert.deepEqual(lab.templates(), []);
    assert.equal(lab.live('10.2.0.11:53').persistent, 0);
    assertWhole(ROOM);
  });
});
