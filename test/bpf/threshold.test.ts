import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { datagram, segment } from './harness/traffic.ts';

describe('thresholds (facts 2.3)', { skip: whyNoLab }, () => {
  let lab: Lab;
  let port = 7000;
  beforeEach(() => {
    lab = new Lab({ connections: 256 });
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  const service = (options: string, scheduler = 'rr') =>
    lab.configure(`
      -A -u 192.0.2.10:53 -s ${scheduler}
      -a -u 192.0.2.10:53 -r 10.2.0.11:53 -m ${options}`);
  const arrive = () => datagram(lab, `10.1.0.2:${++port} > 192.0.2.10:53`).action;
  const overloaded = () => lab.live('10.2.0.11:53').overloaded;
  /** So many of the oldest connections end. */
  function end(count: number): void {
    const oldest = lab
      .connections()
      .map(({ client }) => client)
      .sort()
      .slice(0, count);
    lab.elapse(301, ({ client }) => oldest.includes(client));
    lab.plane.sweep();
  }

  test('exactly as many connections as the upper one are admitted', async () => {
    await service('-x 3');
    assert.deepEqual(
      [1, 2, 3, 4].map(() => arrive()),
      ['forward', 'forward', 'forward', 'reject'],
    );
    assert.equal(overloaded(), true);
    assert.equal(datagram(lab, `10.1.0.2:${port - 1} > 192.0.2.10:53`).action, 'forward');
  });

  test('without a lower one, less than three quarters of the upper relieve', async () => {
    await service('-x 8');
    for (let nth = 0; nth < 8; nth++) arrive();
    end(2);
    assert.equal(overloaded(), true);
    end(1);
    assert.equal(overloaded(), false);
    assert.equal(arrive(), 'forward');
  });

  test('with a lower one, less than that', async () => {
    await service('-x 8 -y 3');
    for (let nth = 0; nth < 8; nth++) arrive();
    end(5);
    assert.equal(overloaded(), true);
    assert.equal(arrive(), 'reject');
    end(1);
    assert.equal(overloaded(), false);
  });

  test('active and inactive connections count together, templates not', async () => {
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr -p 1000
      -a -t 192.0.2.10:80 -r 10.2.0.12:80 -m -x 3`);
    for (const nth of [1, 2])
      for (const bits of ['S', 'A']) segment(lab, `10.1.0.${nth}:7001 > 192.0.2.10:80`, bits);
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'FA');
    assert.deepEqual(lab.live('10.2.0.12:80'), { active: 1, inactive: 1, persistent: 2, overloaded: false });
    segment(lab, '10.1.0.3:7001 > 192.0.2.10:80', 'S');
    assert.equal(lab.live('10.2.0.12:80').overloaded, true);
    assert.equal(segment(lab, '10.1.0.4:7001 > 192.0.2.10:80', 'S').action, 'reject');
  });

  test('a client whose connection is over makes room for its next one, swept or not', async () => {
    await service('-x 1');
    for (const _ of [1, 2]) {
      assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').action, 'forward');
      assert.equal(overloaded(), true);
      lab.elapse(301);
    }
    assert.equal(arrive(), 'reject');
    lab.plane.sweep();
    assert.equal(arrive(), 'forward');
  });

  for (const scheduler of [
    'rr',
    'wrr',
    'lc',
    'wlc',
    'sed',
    'nq',
    'fo',
    'ovf',
    'sh',
    'dh',
    'mh',
    'lblcr',
    'twos',
  ]) {
    test(`${scheduler} gives nothing to an overloaded server`, async () => {
      await service('-x 1 -w 5', scheduler);
      assert.equal(arrive(), 'forward');
      assert.equal(arrive(), 'reject');
      end(1);
      assert.equal(arrive(), 'forward');
    });
  }

  test('lblc gives on to the server that it remembers (facts 2.2)', async () => {
    await service('-x 1 -w 5', 'lblc');
    assert.equal(arrive(), 'forward');
    assert.equal(arrive(), 'forward');
  });
});
