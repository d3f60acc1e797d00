import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { instanceSettings } from '../../../test/vrrp/instance-settings.ts';
import type { IpAddress } from '../../model/address.ts';
import type { Milliseconds } from '../../model/unit.ts';
import { compareAddresses, judgeAdvertisement } from './judge-advertisement.ts';

const OWN = '10.1.0.1' as IpAddress;
const PEER = { source: '10.1.0.2' as IpAddress, hopLimit: 255 };
const V3 = {
  version: 3,
  virtualRouterId: 51,
  priority: 100,
  interval: 100 as Milliseconds,
  addresses: ['192.0.2.50' as IpAddress],
} as const;

describe('judgeAdvertisement', () => {
  it('finds nothing odd about a peer that is set up alike', () => {
    assert.deepEqual(judgeAdvertisement(V3, PEER, instanceSettings({}), OWN), { oddities: [] });
  });

  it('names another interval, and in version 2 does not hear it', () => {
    const slow = { ...V3, interval: 1000 as Milliseconds };
    assert.deepEqual(judgeAdvertisement(slow, PEER, instanceSettings({}), OWN), {
      oddities: ['advertises every 1000 ms and not every 100 ms'],
    });
    const second = instanceSettings({ version: 2, advertisementInterval: 2000 as Milliseconds });
    assert.equal(judgeAdvertisement({ ...slow, version: 2 }, PEER, second, OWN).dismissal, 'interval');
  });

  it('names other addresses, and does not hear them where that is asked for', () => {
    const other = { ...V3, addresses: ['192.0.2.51' as IpAddress] };
    assert.deepEqual(judgeAdvertisement(other, PEER, instanceSettings({}), OWN), {
      oddities: ['has other addresses: 192.0.2.50 missing, 192.0.2.51 in addition'],
    });
    const none = { ...V3, addresses: [] };
    assert.deepEqual(judgeAdvertisement(none, PEER, instanceSettings({}), OWN).oddities, [
      'has other addresses: 192.0.2.50 missing',
    ]);
    const many = { ...V3, addresses: Array.from({ length: 255 }, (_, n) => `192.0.3.${n}` as IpAddress) };
    assert.match(
      judgeAdvertisement(many, PEER, instanceSettings({}), OWN).oddities[0] ?? '',
      /247 others in addition$/,
    );
    const twice = { ...V3, addresses: [...V3.addresses, ...V3.addresses] };
    assert.match(
      judgeAdvertisement(twice, PEER, instanceSettings({}), OWN).oddities[0] ?? '',
      /one is there twice/,
    );
    const strict = instanceSettings({ checkAddresses: true });
    assert.equal(judgeAdvertisement(other, PEER, strict, OWN).dismissal, 'addresses');
  });

  it('does not hear another version, another password, or a stranger among unicast peers', () => {
    const v2 = { ...V3, version: 2, interval: 1000 as Milliseconds } as const;
    assert.equal(judgeAdvertisement(v2, PEER, instanceSettings({}), OWN).dismissal, 'version');
    const secret = instanceSettings({
      version: 2,
      advertisementInterval: 1000 as Milliseconds,
      password: 'abc',
    });
    assert.deepEqual(judgeAdvertisement(v2, PEER, secret, OWN), {
      dismissal: 'authentication',
      oddities: ['has no password'],
    });
    assert.equal(
      judgeAdvertisement({ ...v2, password: 'abd' }, PEER, secret, OWN).dismissal,
      'authentication',
    );
    assert.equal(judgeAdvertisement({ ...v2, password: 'abc' }, PEER, secret, OWN).dismissal, undefined);
    const unicast = instanceSettings({ unicastPeers: ['10.1.0.3' as IpAddress] });
    assert.equal(judgeAdvertisement(V3, PEER, unicast, OWN).dismissal, 'peer');
  });
});

it('does not hear what comes from its own address', () => {
  const { dismissal, oddities } = judgeAdvertisement(V3, { ...PEER, source: OWN }, instanceSettings({}), OWN);
  assert.equal(dismissal, 'own-address');
  assert.match(oddities.join(), /^is this router's own address/);
});

it('hears of other links only unicast peers', () => {
  const far = { ...PEER, hopLimit: 64 };
  assert.equal(judgeAdvertisement(V3, far, instanceSettings({}), OWN).dismissal, 'hop-limit');
  const unicast = instanceSettings({ unicastPeers: [PEER.source] });
  assert.deepEqual(judgeAdvertisement(V3, far, unicast, OWN), { oddities: [] });
});

describe('compareAddresses', () => {
  it('compares as numbers', () => {
    assert.ok(compareAddresses('10.0.0.10' as IpAddress, '10.0.0.9' as IpAddress) > 0);
    assert.ok(compareAddresses('fe80::1' as IpAddress, 'fe80::2' as IpAddress) < 0);
    assert.equal(compareAddresses(OWN, OWN), 0);
  });
});
