import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArpRestraint } from './arp-restraint.ts';
import { FakeSysctl } from './fake-sysctl.ts';

const settingsOf = (sysctl: FakeSysctl) => [
  sysctl.values.get('ipv4/eth0/arp_ignore'),
  sysctl.values.get('ipv4/eth0/arp_announce'),
];

function sysctlWith(ignore: string, announce: string): FakeSysctl {
  return new FakeSysctl({ 'ipv4/eth0/arp_ignore': ignore, 'ipv4/eth0/arp_announce': announce });
}

describe('ArpRestraint', () => {
  it('holds from the first to the last of those who want it', () => {
    const sysctl = sysctlWith('0', '1');
    const restraint = new ArpRestraint(sysctl);
    restraint.restrain('eth0');
    restraint.restrain('eth0');
    assert.deepEqual(settingsOf(sysctl), ['1', '2']);
    restraint.release('eth0');
    assert.deepEqual(settingsOf(sysctl), ['1', '2']);
    restraint.release('eth0');
    assert.deepEqual(settingsOf(sysctl), ['0', '1']);
    restraint.release('eth0');
    assert.deepEqual(settingsOf(sysctl), ['0', '1']);
  });

  it('leaves alone what is enough, and what others have changed since', () => {
    const sysctl = sysctlWith('8', '0');
    const restraint = new ArpRestraint(sysctl);
    restraint.restrain('eth0');
    assert.deepEqual(settingsOf(sysctl), ['8', '2']);
    sysctl.values.set('ipv4/eth0/arp_announce', '1');
    restraint.release('eth0');
    assert.deepEqual(settingsOf(sysctl), ['8', '1']);
  });

  it('has no trouble with an interface that is gone', () => {
    const sysctl = sysctlWith('0', '0');
    const restraint = new ArpRestraint(sysctl);
    restraint.restrain('eth0');
    sysctl.values.clear();
    restraint.release('eth0');
    assert.equal(sysctl.values.size, 0);
  });
});
