import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { datagram } from './harness/traffic.ts';

describe('UDP (facts 3.6)', { skip: whyNoLab }, () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = new Lab({ connections: 256 });
    await lab.configure(`
      -A -u 192.0.2.10:53 -s rr
      -a -u 192.0.2.10:53 -r 10.2.0.11:5353 -m
      -a -u 192.0.2.10:53 -r 10.2.0.12:5353 -m`);
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  test('one state, inactive whoever sends, 300 s from the last datagram of either side', () => {
    datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53');
    const before = lab.find('10.1.0.2:7001');
    assert.deepEqual([before?.state, before?.timeout, before?.inactive], ['UDP', 300, true]);
    lab.elapse(200);
    assert.equal(datagram(lab, '10.2.0.12:5353 > 10.1.0.2:7001', { on: 'servers' }).action, 'forward');
    lab.elapse(200);
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.12');
    lab.elapse(200);
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.12');
    assert.deepEqual(lab.live('10.2.0.12:5353'), {
      active: 0,
      inactive: 1,
      persistent: 0,
      overloaded: false,
    });
    lab.elapse(301);
    assert.equal(datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53').server, '10.2.0.11');
    assert.deepEqual(lab.live('10.2.0.12:5353'), {
      active: 0,
      inactive: 0,
      persistent: 0,
      overloaded: false,
    });
  });

  test('the timeout that is set holds from the next datagram on', async () => {
    datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53');
    await lab.configure('--set 0 0 50');
    assert.equal(lab.find('10.1.0.2:7001')?.timeout, 300);
    datagram(lab, '10.1.0.2:7001 > 192.0.2.10:53');
    assert.equal(lab.find('10.1.0.2:7001')?.timeout, 50);
  });

  test('what servers and strangers send of their own passes to the host', () => {
    assert.equal(datagram(lab, '10.2.0.11:5353 > 10.1.0.9:7001', { on: 'servers' }).action, 'pass');
    assert.equal(datagram(lab, '10.2.0.11:9 > 10.1.0.2:7001', { on: 'servers' }).action, 'pass');
    assert.equal(datagram(lab, '10.1.0.2:7001 > 198.51.100.1:53').action, 'pass');
    assert.deepEqual(lab.connections(), []);
  });
});
