import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { Link } from '../../netlink/route/link.ts';
import { ExtendedMasterHost } from './extended-master-host.ts';
import type { MasterBelongings } from './master-host.ts';

const BELONGINGS: MasterBelongings = {
  interface: 'vrrp.51',
  isVirtualLink: true,
  guardedFor: 'web',
  addresses: [{ address: '192.0.2.50' as IpAddress, prefixLength: 32 }],
  routes: [],
  rules: [],
};

let log: string[];
let isUp: boolean;
let guardFails: boolean;
let host: ExtendedMasterHost;

beforeEach(() => {
  log = [];
  isUp = false;
  guardFails = false;
  host = new ExtendedMasterHost(
    {
      take: async () => {
        log.push('take');
        return ['taken'];
      },
      give: async () => {
        log.push('give');
        return [];
      },
    },
    {
      find: async () => ({ index: 7, up: isUp }) as Link,
      change: async (index, { up }) => {
        isUp = up === true;
        log.push(`${index} ${up ? 'up' : 'down'}`);
      },
    },
    {
      open: async () => undefined,
      guard: async (whom, addresses) => {
        if (guardFails) throw new Error('no table');
        log.push(`guard ${whom}: ${addresses}`);
      },
      close: () => {},
    },
  );
});

describe('ExtendedMasterHost', () => {
  it('keeps packets out and has the interface up before the addresses, and the other way round', async () => {
    assert.deepEqual(await host.take(BELONGINGS), ['taken']);
    await host.take(BELONGINGS);
    await host.give(BELONGINGS);
    assert.deepEqual(log, [
      'guard web: 192.0.2.50',
      '7 up',
      'take',
      'guard web: 192.0.2.50',
      'take',
      'give',
      '7 down',
      'guard web: ',
    ]);
  });

  it('leaves alone what has neither', async () => {
    const { isVirtualLink: _, guardedFor: __, ...plain } = BELONGINGS;
    await host.take(plain);
    await host.give(plain);
    assert.deepEqual(log, ['take', 'give']);
  });

  it('takes the addresses although packets could not be kept out, and tells', async () => {
    guardFails = true;
    await assert.rejects(host.take(BELONGINGS), { message: 'no table' });
    assert.deepEqual(log, ['7 up', 'take']);
  });
});
