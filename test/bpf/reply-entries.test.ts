import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { segment } from './harness/traffic.ts';

const ROOM = 16;

describe('reply entries', { skip: whyNoLab }, () => {
  let lab: Lab;
  afterEach(() => lab.close());

  /** Two virtual addresses of one server. */
  async function open(): Promise<void> {
    lab = new Lab({ connections: ROOM });
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11:80 -m
      -A -t 192.0.2.11:80 -s rr
      -a -t 192.0.2.11:80 -r 10.2.0.11:80 -m`);
  }

  /** Whom a reply of the server comes from, as the client sees it. */
  function replySource(): string | undefined {
    const { action, layers } = segment(lab, '10.2.0.11:80 > 10.1.0.2:7001', 'A', { on: 'servers' });
    const header = layers.find(({ layer }) => layer === 'ipv4');
    return action === 'forward' && header?.layer === 'ipv4' ? header.source : undefined;
  }

  test('of two connections that a server cannot tell apart the newer one has the replies', async () => {
    await open();
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
    assert.equal(replySource(), '192.0.2.10');
    segment(lab, '10.1.0.2:7001 > 192.0.2.11:80', 'S');
    assert.equal(replySource(), '192.0.2.11');
    assert.equal(lab.connections().length, 2);
    drain(lab);
  });

  test('the end of the older of them leaves the newer one its replies', async () => {
    await open();
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
    segment(lab, '10.1.0.2:7001 > 192.0.2.11:80', 'S');
    lab.elapse(61, ({ virtual }) => virtual === '192.0.2.10:80');
    lab.plane.sweep();
    assert.equal(lab.connections().length, 1);
    assert.equal(replySource(), '192.0.2.11');
    drain(lab);
  });

  test('the end of the newer of them gives the older one its replies back, with its next packet', async () => {
    await open();
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
    assert.equal(replySource(), '192.0.2.10');
    segment(lab, '10.1.0.2:7001 > 192.0.2.11:80', 'S');
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
    assert.equal(replySource(), '192.0.2.11');
    lab.elapse(901, ({ virtual }) => virtual === '192.0.2.11:80');
    lab.plane.sweep();
    assert.deepEqual(lab.replies(), []);
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
    assert.equal(replySource(), '192.0.2.10');
    assert.equal(lab.replies().length, 1);
    lab.expire(901);
    assert.deepEqual(lab.replies(), []);
    drain(lab);
  });

  test('a newer one for which there is no room takes nothing for good', async () => {
    await open();
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
    for (let nth = 2; nth <= ROOM; nth++) segment(lab, `10.1.0.${nth + 1}:7001 > 192.0.2.10:80`, 'S');
    assert.equal(segment(lab, '10.1.0.2:7001 > 192.0.2.11:80', 'S').action, 'drop');
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
    assert.equal(replySource(), '192.0.2.10');
    assert.equal(lab.replies().length, ROOM);
    drain(lab);
  });

  test('without a connection one goes with the second sweep that finds it so, others stay', async () => {
    await open();
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
    segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S');
    const [connection] = lab.connections();
    assert.ok(connection);
    lab.plane.map('connections4').delete(connection.key);
    lab.plane.sweepReplies();
    assert.equal(lab.replies().length, 2);
    lab.plane.sweepReplies();
    assert.equal(lab.replies().length, 1);
    lab.plane.sweepReplies();
    assert.equal(lab.replies().length, 1);
  });
});
