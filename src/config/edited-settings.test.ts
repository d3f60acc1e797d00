import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../test/engine/sample-table.ts';
import type { Service } from '../model/service.ts';
import type { Port, Seconds } from '../model/unit.ts';
import { type Assignment, editedDestination, editedService } from './edited-settings.ts';

const SERVICE: Service = { id: serviceOn('192.0.2.10'), ...settings(), destinations: [] };
const SERVICE6: Service = {
  id: serviceOn('2001:db8::10'),
  ...settings({ persistenceNetmask: 64 as never }),
  destinations: [],
};
const PERSISTENT = { ...SERVICE, ...settings({ persistenceTimeout: 60 as Seconds }) };

/** `weight=0 method=direct` */
function assignments(text: string): Assignment[] {
  return text.split(' ').map((word) => {
    const [key = '', value = ''] = word.split('=');
    return { key, value };
  });
}

describe('settings of a service', () => {
  for (const [text, from, changed] of [
    ['scheduler=wlc', SERVICE, { scheduler: 'wlc' }],
    [
      'scheduler=sh flags=sh-port',
      SERVICE,
      { scheduler: 'sh', schedulerFlags: { flag1: false, flag2: true, flag3: false } },
    ],
    ['flags=flag-1,flag-3', SERVICE, { schedulerFlags: { flag1: true, flag2: false, flag3: true } }],
    ['persistence=true', SERVICE, { persistenceTimeout: 300 }],
    ['persistence.timeout=20', SERVICE, { persistenceTimeout: 20 }],
    ['persistence.netmask=255.255.0.0', PERSISTENT, { persistenceNetmask: '255.255.0.0' }],
    ['persistence.netmask=56', SERVICE6, { persistenceNetmask: 56 }],
    ['scheduler=lc', SERVICE6, { scheduler: 'lc' }],
    ['scheduler=lc', PERSISTENT, { scheduler: 'lc' }],
  ] as const) {
    test(`${text}, and nothing else`, () => {
      const { id: _id, destinations: _none, ...before } = from;
      assert.deepEqual(editedService(from, assignments(text)), { ...before, ...changed });
    });
  }

  test('persistence=false and flags=none take away', () => {
    const flagged = { ...PERSISTENT, schedulerFlags: { flag1: true, flag2: true, flag3: true } };
    const { persistenceTimeout, schedulerFlags } = editedService(
      flagged,
      assignments('persistence=false flags=none'),
    );
    assert.equal(persistenceTimeout, undefined);
    assert.deepEqual(schedulerFlags, settings().schedulerFlags);
  });

  for (const [text, message] of [
    ['schedular=rr', /^schedular is no setting of a service: did you mean scheduler\?$/],
    ['weight=3', /^weight is no setting of a service$/],
    ['one-packet=maybe', /^one-packet: must be true or false, not "maybe"$/],
    ['one-packet=true', /^one-packet: one-packet scheduling is only for udp and fwmark, not for tcp$/],
    [
      'persistence.timeout=-1',
      /^persistence\.timeout: must be a whole number of seconds from 0 to 2147483647, not -1$/,
    ],
    ['persistence.netmask=24', /netmask: must be a netmask such as 255\.255\.255\.0/],
    ['flags=mh-port', /^flags\[0\]: is a flag of mh, not of rr$/],
    ['flags=fast', /^flags\[0\]: must be .*not "fast"$/],
  ] as const) {
    test(`${text} is refused`, () => {
      assert.throws(() => editedService(SERVICE, assignments(text)), { code: 'USAGE', message });
    });
  }
});

describe('settings of a destination', () => {
  const masquerade = destinationOn('10.0.0.11', { upperThreshold: 7, proxyProtocol: 'v2' });
  const tunnel = destinationOn('10.0.0.12', {
    forwarding: 'tunnel',
    tunnel: { type: 'gue', port: 6080 as Port, checksum: 'checksum' },
  });
  for (const [text, from, changed] of [
    ['weight=0', masquerade, { weight: 0 }],
    ['upper-threshold=9 lower-threshold=8', masquerade, { upperThreshold: 9, lowerThreshold: 8 }],
    ['proxy-protocol=off', masquerade, { proxyProtocol: 'off' }],
    ['method=direct', masquerade, { forwarding: 'direct' }],
    ['weight=5', tunnel, { weight: 5 }],
    ['weight=5', { ...tunnel, forwarding: 'masquerade' }, { weight: 5 }],
    ['tunnel.port=6081', tunnel, { tunnel: { type: 'gue', port: 6081, checksum: 'checksum' } }],
    ['tunnel.type=gre', tunnel, { tunnel: { type: 'gre', port: 0, checksum: 'none' } }],
    [
      'method=tunnel tunnel.type=gue tunnel.port=9',
      masquerade,
      { forwarding: 'tunnel', tunnel: { type: 'gue', port: 9, checksum: 'none' } },
    ],
    ['method=masquerade', tunnel, { forwarding: 'masquerade' }],
    // Direct routing to another port came through the API; it is not held against the edit.
    ['weight=2', { ...masquerade, forwarding: 'direct', port: 81 as Port }, { weight: 2 }],
  ] as const) {
    test(`${text}, and nothing else`, () => {
      assert.deepEqual(editedDestination(SERVICE, from, assignments(text)), { ...from, ...changed });
    });
  }

  for (const [text, message] of [
    [
      'wieght=3 shed=1',
      /^wieght is no setting of a destination: did you mean weight\?\nshed is no setting of a destination$/,
    ],
    ['weight=much', /^weight: must be a whole number from 0 to 2147483647, not "much"$/],
    ['lower-threshold=9', /^lower-threshold: 9 is above the upper threshold, 7$/],
    ['method=masq', /^method: must be .*"masq"$/],
    ['tunnel.type=gue', /^tunnel: has a meaning only with method: tunnel/],
    ['method=tunnel tunnel.type=gue', /^tunnel: of type gue needs a port$/],
    ['address=10.0.0.9:80', /^address is no setting of a destination$/],
  ] as const) {
    test(`${text} is refused`, () => {
      assert.throws(() => editedDestination(SERVICE, masquerade, assignments(text)), {
        code: 'USAGE',
        message,
      });
    });
  }
});
