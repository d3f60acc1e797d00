/** What ends with the connections of a server that failed: entries, entries of replies, templates and counts, and nothing else. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { expireEntries } from '../../src/engines/ebpf/table/purge-connections.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { HZ } from './harness/table-maps.ts';
import { datagram, segment } from './harness/traffic.ts';

describe('purging', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab({ connections: 256 });
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  /** The connections that ended. */
  function purge(server: string): number {
    const id = lab.maps.destinations.findIndex(({ address, port }) => `${address}:${port}` === server);
    // Lifetimes of the lab's entries begin with the clock's zero or later: what is not over is after this.
    const clock = { hz: HZ, now: () => 2 };
    let ended = 0;
    for (const kind of ['templates', 'connections'] as const) {
      for (const family of ['connections4', 'connections6']) {
        for (const count of expireEntries(lab.plane.map(family), id, kind, clock)) {
          if (kind === 'connections') ended += count;
        }
      }
    }
    return ended;
  }

  test('ends the connections of one server, and leaves those of others', async () => {
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11:80 -m
      -a -t 192.0.2.10:80 -r 10.2.0.12:80 -m`);
    for (const port of [7001, 7002, 7003, 7004]) segment(lab, `10.1.0.2:${port} > 192.0.2.10:80`, 'S');
    assert.equal(lab.live('10.2.0.11:80').inactive + lab.live('10.2.0.11:80').active, 2);
    assert.equal(purge('10.2.0.11:80'), 2);
    lab.plane.sweep();
    assert.deepEqual([...new Set(lab.connections().map(({ server }) => server))], ['10.2.0.12:80']);
    assert.equal(lab.replies().length, 2);
    const { active, inactive } = lab.live('10.2.0.11:80');
    assert.deepEqual([active, inactive], [0, 0]);
  });

  test('before the sweep, too, no packet reaches the server any more', async () => {
    await lab.configure(`
      -A -u 192.0.2.10:53 -s rr
      -a -u 192.0.2.10:53 -r 10.2.0.11:53 -m
      -a -u 192.0.2.10:53 -r 10.2.0.12:53 -m`);
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.12');
    await lab.configure('-e -u 192.0.2.10:53 -r 10.2.0.12:53 -m -w 0');
    assert.equal(
      datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server,
      '10.2.0.12',
      'weight 0 ends no connection',
    );
    assert.equal(purge('10.2.0.12:53'), 1);
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.11');
  });

  for (const failing of [
    '-e -u 192.0.2.10:53 -r 10.2.0.12:53 -m -w 0',
    '-d -u 192.0.2.10:53 -r 10.2.0.12:53',
  ]) {
    test(`a persistent UDP client finds another server: ${failing.slice(0, 2)}`, async () => {
      await lab.configure(`
        -A -u 192.0.2.10:53 -s rr -p 300
        -a -u 192.0.2.10:53 -r 10.2.0.11:53 -m
        -a -u 192.0.2.10:53 -r 10.2.0.12:53 -m`);
      assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.12');
      assert.equal(datagram(lab, '10.1.0.2:7002 > 192.0.2.10:53').server, '10.2.0.12', 'by its template');
      await lab.configure(failing);
      assert.equal(purge('10.2.0.12:53'), 2);
      // The connection that was there, and one from a new port.
      assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.11');
      lab.plane.sweep();
      assert.equal(datagram(lab, '10.1.0.2:7003 > 192.0.2.10:53').server, '10.2.0.11');
      const [template, ...others] = lab.templates();
      assert.deepEqual([template?.server, others], ['10.2.0.11:53', []]);
      assert.equal(lab.connections().length, 3);
      const { active, inactive, persistent } = lab.liveOf(1);
      assert.deepEqual([active, inactive, persistent], [0, 0, 0]);
    });
  }
});
