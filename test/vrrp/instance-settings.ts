import type { IpAddress } from '../../src/model/address.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import type { VrrpInstanceSettings } from '../../src/model/vrrp.ts';

/** Settings of an instance that a test says the rest of. */
export function instanceSettings(given: Partial<VrrpInstanceSettings>): VrrpInstanceSettings {
  return {
    name: 'VI_1',
    interface: 'eth0',
    family: 'inet',
    version: 3,
    virtualRouterId: 51,
    priority: 100,
    initialState: 'backup',
    advertisementInterval: 100 as Milliseconds,
    pseudoHeaderChecksum: true,
    preempt: true,
    preemptDelay: 0 as Milliseconds,
    addresses: [{ address: '192.0.2.50' as IpAddress, prefixLength: 32 }],
    excludedAddresses: [],
    routes: [],
    rules: [],
    accept: true,
    announcements: { delay: 0 as Milliseconds, repeat: 1, refresh: 0 as Milliseconds, refreshRepeat: 1 },
    checkAddresses: false,
    tracked: [],
    notify: {},
    ...given,
  };
}
