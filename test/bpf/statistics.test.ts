import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { TOTAL_PACKETS } from '../../src/engines/ebpf/layout.gen.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { datagram, segment } from './harness/traffic.ts';

/** Bytes of IP. */
const SEGMENT = 40;
const DATAGRAM = 28;

describe('statistics (facts 3.3, 3.4, 6)', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = new Lab({ connections: 256 });
    await lab.configure(`
      -A -t 192.0.2.10:80 -s rr
      -a -t 192.0.2.10:80 -r 10.2.0.11:80 -m
      -a -t 192.0.2.10:80 -r 10.2.0.12:80 -m
      -A -u 192.0.2.10:53 -s rr
      -a -u 192.0.2.10:53 -r 10.2.0.13:53 -g`);
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  test('connections, packets and bytes of both directions, by server and service', () => {
    for (const bits of ['S', 'A', 'A', 'FA']) segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', bits);
    for (const bits of ['SA', 'A', 'FA'])
      segment(lab, '10.2.0.12:80 > 10.1.0.2:7001', bits, { on: 'servers' });
    segment(lab, '10.1.0.2:7002 > 192.0.2.10:80', 'S');
    assert.deepEqual(lab.destinationCounters('10.2.0.12:80'), counters(1, 4, 3, 4 * SEGMENT, 3 * SEGMENT));
    assert.deepEqual(lab.destinationCounters('10.2.0.11:80'), counters(1, 1, 0, SEGMENT, 0));
    assert.deepEqual(lab.serviceCounters('10.2.0.11:80'), counters(2, 5, 3, 5 * SEGMENT, 3 * SEGMENT));
    assert.deepEqual(lab.destinationCounters('10.2.0.13:53'), counters(0, 0, 0, 0, 0));
    assert.equal(lab.total(TOTAL_PACKETS), 8);
  });

  test('bytes are those of the IP packet as it came, of IPv6 with its header', async () => {
    datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53', {}, 'x'.repeat(100));
    assert.deepEqual(lab.destinationCounters('10.2.0.13:53'), counters(1, 1, 0, DATAGRAM + 100, 0));
    await lab.configure(`
      -A -u [2001:db8::10]:53 -s rr
      -a -u [2001:db8::10]:53 -r [fd02::11]:53 -m`);
    datagram(lab, '[fd01::2]:7001 > [2001:db8::10]:53', {}, 'x'.repeat(100));
    datagram(lab, '[fd02::11]:53 > [fd01::2]:7001', { on: 'servers' }, 'x'.repeat(200));
    assert.deepEqual(lab.destinationCounters('[fd02::11]:53'), counters(1, 1, 1, 48 + 100, 48 + 200));
  });

  test('a frame’s padding does not count', () => {
    const { layers } = segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'S');
    assert.ok(layers.length > 0);
    const padded = lab.send([
      ...[{ ...layers[0], destination: lab.network.clients.mac }],
      { ...layers[1], destination: '192.0.2.10', trailer: '000000000000' },
      { ...layers[2], destination: 80 },
    ] as typeof layers);
    assert.equal(padded.server, '10.2.0.12');
    assert.equal(lab.destinationCounters('10.2.0.12:80').inBytes, 2 * SEGMENT);
  });

  test('templates and what nobody takes are no connections', async () => {
    await lab.configure(`
      -A -t 192.0.2.11:80 -s rr -p 100
      -a -t 192.0.2.11:80 -r 10.2.0.14:80 -m`);
    segment(lab, '10.1.0.2:7001 > 192.0.2.11:80', 'S');
    assert.equal(lab.destinationCounters('10.2.0.14:80').connections, 1);
    await lab.configure('-e -t 192.0.2.11:80 -r 10.2.0.14:80 -m -w 0');
    segment(lab, '10.1.0.3:7001 > 192.0.2.11:80', 'S');
    assert.deepEqual(lab.destinationCounters('10.2.0.14:80'), counters(1, 1, 0, SEGMENT, 0));
    assert.deepEqual(lab.serviceCounters('10.2.0.14:80'), counters(1, 1, 0, SEGMENT, 0));
  });

  test('a server that was deleted counts nothing, and goes on when it is back (golden/10)', async () => {
    for (const bits of ['S', 'A']) segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', bits);
    await lab.configure('-d -t 192.0.2.10:80 -r 10.2.0.12:80');
    segment(lab, '10.1.0.2:7001 > 192.0.2.10:80', 'A');
    segment(lab, '10.2.0.12:80 > 10.1.0.2:7001', 'A', { on: 'servers' });
    const before = counters(1, 2, 0, 2 * SEGMENT, 0);
    assert.deepEqual(lab.destinationCounters('10.2.0.12:80'), before);
    await lab.configure('-a -t 192.0.2.10:80 -r 10.2.0.12:80 -m');
    segment(lab, '10.2.0.12:80 > 10.1.0.2:7001', 'A', { on: 'servers' });
    assert.deepEqual(lab.destinationCounters('10.2.0.12:80'), {
      ...before,
      outPackets: 1,
      outBytes: SEGMENT,
    });
  });

  test('one-packet scheduling: each datagram is a connection (facts 3.12)', async () => {
    await lab.configure('-E -u 192.0.2.10:53 -s rr -o');
    for (const _ of [1, 2, 3]) datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53', {}, 'ping');
    assert.deepEqual(lab.destinationCounters('10.2.0.13:53'), counters(3, 3, 0, 3 * (DATAGRAM + 4), 0));
    assert.deepEqual(lab.connections(), []);
    assert.deepEqual(lab.live('10.2.0.13:53'), { active: 0, inactive: 0, persistent: 0, overloaded: false });
  });
});

describe('one-packet scheduling (facts 3.12)', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = new Lab({ connections: 256 });
    await lab.configure(`
      -A -u 192.0.2.10:53 -s rr -o
      -a -u 192.0.2.10:53 -r 10.2.0.11:5353 -m
      -a -u 192.0.2.10:53 -r 10.2.0.12:5353 -m`);
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });
  const arrive = () => datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53');

  test('every datagram is scheduled afresh, to the port of the server', () => {
    const outcomes = [1, 2, 3, 4].map(() => arrive());
    assert.deepEqual(
      outcomes.map(({ server }) => server),
      ['10.2.0.12', '10.2.0.11', '10.2.0.12', '10.2.0.11'],
    );
    assert.deepEqual(lab.replies(), []);
    const layer = outcomes[0]?.layers.find((each) => each.layer === 'udp');
    assert.equal(layer?.layer === 'udp' && layer.destination, 5353);
  });

  test('replies of masqueraded servers are not translated back', () => {
    arrive();
    assert.equal(datagram(lab, '10.2.0.12:5353 > 10.1.0.2:7001', { on: 'servers' }).action, 'pass');
  });

  test('a connection from before goes on until it expires', async () => {
    await lab.configure('-E -u 192.0.2.10:53 -s rr');
    assert.equal(arrive().server, '10.2.0.12');
    await lab.configure('-E -u 192.0.2.10:53 -s rr -o');
    for (const _ of [1, 2]) assert.equal(arrive().server, '10.2.0.12');
    lab.expire(301);
    assert.deepEqual(
      [1, 2].map(() => arrive().server),
      ['10.2.0.11', '10.2.0.12'],
    );
  });

  test('XDP leaves them to tc without counting or choosing', () => {
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53', { program: 'vipr_xdp' }).action, 'pass');
    assert.equal(lab.serviceCounters('10.2.0.11:5353').connections, 0);
    assert.equal(arrive().server, '10.2.0.12');
  });
});

function counters(
  connections: number,
  inPackets: number,
  outPackets: number,
  inBytes: number,
  outBytes: number,
) {
  return { connections, inPackets, outPackets, inBytes, outBytes };
}
