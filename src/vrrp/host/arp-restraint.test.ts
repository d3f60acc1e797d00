import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ArpRestraint } from './arp-restraint.ts';

let values: Map<string, number>;
let restraint: ArpRestraint;

beforeEach(() => {
  values = new Map();
  restraint = new ArpRestraint({
    read: (device, setting) => values.get(`${device} ${setting}`),
    write: async (device, given) => {
      for (const [setting, value] of Object.entries(given)) values.set(`${device} ${setting}`, value);
    },
  });
});

function has(ignore: number, announce: number): void {
  values.set('eth0 arp_ignore', ignore).set('eth0 arp_announce', announce);
}

const found = () => [values.get('eth0 arp_ignore'), values.get('eth0 arp_announce')];

describe('ArpRestraint', () => {
  it('holds from the first to the last of those who want it', async () => {
    has(0, 1);
    await restraint.restrain('eth0');
    await restraint.restrain('eth0');
    assert.deepEqual(found(), [1, 2]);
    await restraint.release('eth0');
    assert.deepEqual(found(), [1, 2]);
    await restraint.release('eth0');
    assert.deepEqual(found(), [0, 1]);
    await restraint.release('eth0');
    assert.deepEqual(found(), [0, 1]);
  });

  it('holds whatever is asked for at once', async () => {
    has(0, 0);
    await restraint.restrain('eth0');
    await Promise.all([restraint.release('eth0'), restraint.restrain('eth0')]);
    assert.deepEqual(found(), [1, 2]);
    await restraint.release('eth0');
    assert.deepEqual(found(), [0, 0]);
  });

  it('leaves alone what is enough, and what others have changed since', async () => {
    has(8, 0);
    await restraint.restrain('eth0');
    assert.deepEqual(found(), [8, 2]);
    values.set('eth0 arp_announce', 1);
    await restraint.release('eth0');
    assert.deepEqual(found(), [8, 1]);
  });

  it('has no trouble with an interface that is gone', async () => {
    has(0, 0);
    await restraint.restrain('eth0');
    values.clear();
    await restraint.release('eth0');
    assert.equal(values.size, 0);
  });
});
