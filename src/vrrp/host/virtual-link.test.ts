import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { VirtualClock } from '../../health/testing/virtual-clock.ts';
import { virtualMacAddress } from '../packet/virtual-mac-address.ts';
import type { KnownInterface } from './interface-board.ts';
import { VirtualLink } from './virtual-link.ts';

const SETTINGS = { name: 'vrrp.51', address: virtualMacAddress('inet', 51), hasInet: true };
const ETH0 = { name: 'eth0', index: 2 };

let clock: VirtualClock;
let log: string[];
let failing: string | undefined;
let seen: Map<string, Pick<KnownInterface, 'index'>>;
let changes: number;
let link: VirtualLink;

beforeEach(() => {
  clock = new VirtualClock();
  log = [];
  failing = undefined;
  seen = new Map();
  changes = 0;
  let index = 10;
  link = new VirtualLink(SETTINGS, {
    host: {
      make: async ({ name }, parent) => {
        log.push(`make ${name} on ${parent.name} ${parent.index}`);
        if (failing !== undefined) throw new Error(failing);
        return index++;
      },
      remove: async ({ name }, parent) => {
        log.push(`remove ${name} from ${parent.name} ${parent.index}`);
        if (failing !== undefined) throw new Error(failing);
      },
    },
    board: { find: (name) => seen.get(name) as KnownInterface | undefined },
    timers: clock,
    onChange: () => {
      changes += 1;
    },
    onFailure: (text) => log.push(text),
  });
});

describe('VirtualLink', () => {
  it('is made on its interface, and removed at the end', async () => {
    assert.equal(link.look(undefined), undefined);
    assert.deepEqual([link.isSettled, link.place], [true, undefined]);
    assert.equal(link.look(ETH0), 'interface vrrp.51 is being made');
    assert.equal(link.isSettled, false);
    await clock.advance(0);
    assert.equal(link.look(ETH0), undefined);
    assert.deepEqual([link.isSettled, link.place?.index, changes], [true, 10, 1]);
    await link.stop();
    assert.deepEqual(log, ['make vrrp.51 on eth0 2', 'remove vrrp.51 from eth0 2']);
    assert.equal(link.place, undefined);
  });

  it('goes with its interface, and is made anew with it', async () => {
    link.look(ETH0);
    await clock.advance(0);
    link.look(undefined);
    assert.deepEqual([link.place], [undefined]);
    link.look({ ...ETH0, index: 3 });
    await clock.advance(0);
    assert.equal(link.place?.index, 11);
    assert.deepEqual(log, ['make vrrp.51 on eth0 2', 'remove vrrp.51 from eth0 2', 'make vrrp.51 on eth0 3']);
  });

  it('is made anew where somebody else removed it, but not before it was seen', async () => {
    link.look(ETH0);
    await clock.advance(0);
    assert.equal(link.look(ETH0), undefined);
    seen.set('vrrp.51', { index: 10 });
    assert.equal(link.look(ETH0), undefined);
    seen.delete('vrrp.51');
    assert.equal(link.look(ETH0), 'interface vrrp.51 is being made');
    await clock.advance(0);
    assert.equal(link.place?.index, 11);
  });

  it('says why it cannot be made, and tries again', async () => {
    failing = 'no macvlan here';
    link.look(ETH0);
    await clock.advance(0);
    assert.equal(link.look(ETH0), 'interface vrrp.51 cannot be made: no macvlan here');
    assert.deepEqual([link.isSettled, log.length], [true, 1]);
    failing = undefined;
    await clock.advance(5000);
    assert.equal(link.look(ETH0), 'interface vrrp.51 is being made');
    await clock.advance(0);
    assert.equal(link.look(ETH0), undefined);
  });

  it('is removed where it was not wanted any more while it was made', async () => {
    link.look(ETH0);
    await link.stop();
    assert.deepEqual(log, ['make vrrp.51 on eth0 2', 'remove vrrp.51 from eth0 2']);
    assert.deepEqual([link.place, changes], [undefined, 0]);
  });

  it('tells that it could not be removed', async () => {
    link.look(ETH0);
    await clock.advance(0);
    failing = 'busy';
    await link.stop();
    assert.equal(log.at(-1), 'interface vrrp.51 was not removed: busy');
  });
});
