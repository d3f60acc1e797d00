import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import type { IpAddress } from '../model/address.ts';
import { describeChange } from './change/change-handlers.ts';
import { check, isWell } from './check.ts';
import { explained } from './explain-failure.ts';
import { FakeHost } from './fake/fake-host.ts';
import type { RealServerSettings } from './real-server-settings.ts';
import type { Requirement } from './requirement/requirement.ts';
import { setUp } from './set-up.ts';
import { undo } from './undo.ts';

const VIP = '192.0.2.10' as IpAddress;
const OTHER = '192.0.2.11' as IpAddress;
const DIRECT: RealServerSettings = { virtualAddresses: [VIP], tunnels: [], decapsulation: 'auto' };

function fakeHost(t: TestContext): FakeHost {
  const host = new FakeHost();
  t.after(() => host.close());
  return host;
}

async function told(host: FakeHost, settings: RealServerSettings): Promise<readonly string[]> {
  return (await setUp(settings, host, host.file)).changes.map(describeChange);
}

async function undone(host: FakeHost): Promise<readonly string[]> {
  return ((await undo(host, host.file)) ?? []).map(
    ({ change, result }) => `${result} ${describeChange(change)}`,
  );
}

function shown(requirements: readonly Requirement[]): readonly string[] {
  return requirements.map(({ id, state }) => `${state} ${id}`);
}

describe('setup of a real server', () => {
  it('brings lo up, sets ARP first and the address last, and undoes that in the other order', async (t) => {
    const host = fakeHost(t);
    for (const link of host.network.links) if (link.name === 'lo') link.up = false;
    const changes = await told(host, DIRECT);
    assert.deepEqual(changes, [
      'net.ipv4.conf.all.arp_ignore = 1 (was 0)',
      'net.ipv4.conf.all.arp_announce = 2 (was 0)',
      'interface lo up (was down)',
      'address 192.0.2.10/32 on lo',
    ]);
    assert.deepEqual(
      await undone(host),
      changes.toReversed().map((change) => `undone ${change}`),
    );
    assert.equal(await undo(host, host.file), undefined);
  });

  it('adds to what was set up before', async (t) => {
    const host = fakeHost(t);
    await told(host, DIRECT);
    assert.deepEqual(await told(host, { ...DIRECT, virtualAddresses: [OTHER] }), [
      'address 192.0.2.11/32 on lo',
    ]);
    assert.deepEqual(await told(host, { ...DIRECT, virtualAddresses: [OTHER, VIP] }), []);
    const requirements = await check(undefined, host, host.file);
    assert.equal(requirements.filter(({ id }) => id === 'virtual_address').length, 2);
    assert.equal((await undone(host)).length, 4);
  });

  it('sets the interfaces that are named, and takes no interface that is not there', async (t) => {
    const host = fakeHost(t);
    assert.deepEqual((await told(host, { ...DIRECT, interfaces: ['eth0'] })).slice(0, 2), [
      'net.ipv4.conf.eth0.arp_ignore = 1 (was 0)',
      'net.ipv4.conf.eth0.arp_announce = 2 (was 0)',
    ]);
    await assert.rejects(told(host, { ...DIRECT, interfaces: ['eth9'] }), { code: 'INTERFACE_NOT_FOUND' });
  });

  it('loosens a strict reverse path filter where replies leave by another interface', async (t) => {
    const host = fakeHost(t);
    host.set('net/ipv4/conf/eth0/rp_filter', '1');
    assert.ok(!(await told(host, { ...DIRECT, interfaces: ['eth0'] })).join().includes('rp_filter'));
    host.network.links.push({ index: 3, name: 'eth1', hardware: 1, flags: 0x2, mtu: 1500, up: true });
    host.network.defaultRoute = { index: 3, gateway: '10.3.0.254' };
    assert.deepEqual(await told(host, { ...DIRECT, interfaces: ['eth0'] }), [
      'net.ipv4.conf.eth0.rp_filter = 2 (was 1)',
    ]);
  });

  it('records a change before it makes it', async (t) => {
    const host = fakeHost(t);
    const recorded: string[] = [];
    const { add } = host.netlink.addresses;
    host.netlink.addresses.add = (settings) => {
      recorded.push(readFileSync(host.file.path, 'utf8'));
      return add.call(host.netlink.addresses, settings);
    };
    await told(host, DIRECT);
    assert.equal(recorded.length, 1);
    assert.match(recorded.join(), /"address": "192\.0\.2\.10"/);
  });

  it('forgets what a restart of the system undid', async (t) => {
    const host = fakeHost(t);
    await told(host, DIRECT);
    host.identity = { ...host.identity, boot: 'second' };
    assert.equal(await undo(host, host.file), undefined);
    assert.equal(host.sysctls.read('net/ipv4/conf/all/arp_ignore'), '1');
    await assert.rejects(check(undefined, host, host.file), { code: 'USAGE' });
  });

  it('refuses a record of another network namespace, and one that it did not write', async (t) => {
    const host = fakeHost(t);
    await told(host, DIRECT);
    host.identity = { ...host.identity, network: 'net:[2]' };
    await assert.rejects(told(host, DIRECT), { code: 'USAGE', hint: /--state/ });
    for (const text of ['{', '{"version":2}', '{"version":1,"boot":"first","network":"x"}']) {
      writeFileSync(host.file.path, text);
      await assert.rejects(undo(host, host.file), {
        code: 'USAGE',
        message: /is not what vipr writes there/,
      });
    }
  });

  it('does not let a record name a setting outside the network', async (t) => {
    const host = fakeHost(t);
    await told(host, DIRECT);
    const text = readFileSync(host.file.path, 'utf8');
    for (const path of ['kernel/core_pattern', 'net/../kernel/core_pattern']) {
      writeFileSync(host.file.path, text.replace('net/ipv4/conf/all/arp_ignore', path));
      await assert.rejects(undo(host, host.file), { code: 'USAGE' });
    }
  });

  it('tells what the system refuses with a code', async () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    await assert.rejects(
      explained(() => Promise.reject(denied)),
      { code: 'PERMISSION_DENIED', errno: 'EACCES' },
    );
    const readOnly = Object.assign(new Error('EROFS: read-only'), { code: 'EROFS' });
    await assert.rejects(
      explained(() => Promise.reject(readOnly)),
      {
        code: 'SYSTEM_CALL_FAILED',
        hint: /container/,
      },
    );
    const defect = new TypeError('x');
    await assert.rejects(
      explained(() => Promise.reject(defect)),
      defect,
    );
  });
});

describe('check of a real server', () => {
  it('judges ARP by the larger of an interface and all', async (t) => {
    const host = fakeHost(t);
    const isRight = async (all: number, own: number): Promise<boolean> => {
      host.set('net/ipv4/conf/all/arp_ignore', String(all));
      host.set('net/ipv4/conf/eth0/arp_ignore', String(own));
      const found = (await check(DIRECT, host, host.file)).find(({ id }) => id === 'arp_ignore');
      return found?.state !== 'wrong';
    };
    for (const [all, own, right] of [
      [0, 0, false],
      [1, 0, true],
      [0, 1, true],
      [0, 2, true],
      [0, 8, true],
      [1, 3, false],
      [3, 1, false],
      [8, 3, true],
      [0, 4, false],
    ] as const)
      assert.equal(await isRight(all, own), right, `all ${all}, eth0 ${own}`);
  });

  it('mends every value of ARP that is wrong', async (t) => {
    for (const [all, own] of [
      [0, 3],
      [3, 0],
      [5, 6],
      [1, 3],
    ]) {
      const host = fakeHost(t);
      host.set('net/ipv4/conf/all/arp_ignore', String(all));
      host.set('net/ipv4/conf/eth0/arp_ignore', String(own));
      for (const settings of [DIRECT, { ...DIRECT, interfaces: ['eth0'] }]) {
        const { requirements } = await setUp(settings, host, host.file);
        assert.ok(isWell(requirements), `all ${all}, eth0 ${own}`);
        await undo(host, host.file);
        assert.equal(host.sysctls.number('net/ipv4/conf/all/arp_ignore', -1), all);
        assert.equal(host.sysctls.number('net/ipv4/conf/eth0/arp_ignore', -1), own);
      }
    }
  });

  it('knows that IPv6 asks for no settings, but for IPv6', async (t) => {
    const host = fakeHost(t);
    const six = { ...DIRECT, virtualAddresses: ['2001:db8::10' as IpAddress] };
    const { requirements } = await setUp(six, host, host.file);
    assert.deepEqual(shown(requirements), ['ok loopback', 'ok virtual_address', 'note reply_route']);
    host.set('net/ipv6/conf/lo/disable_ipv6', '1');
    assert.ok(shown(await check(six, host, host.file)).includes('wrong ipv6'));
  });

  it('takes an address on a device that answers nobody', async (t) => {
    const host = fakeHost(t);
    await told(host, { ...DIRECT, virtualAddresses: [OTHER] });
    const { index } = host.network.addTunnelDevice('dummy0', 'dummy');
    host.network.addresses.push({ index, address: VIP, prefixLength: 24 });
    assert.ok(isWell(await check(DIRECT, host, host.file)));
  });

  it('tells the route of replies, and that there is none', async (t) => {
    const host = fakeHost(t);
    await told(host, DIRECT);
    const route = async () => (await check(DIRECT, host, host.file)).find(({ id }) => id === 'reply_route');
    assert.match((await route())?.text ?? '', /^replies of IPv4 leave by eth0 to 10\.2\.0\.254,/);
    host.network.defaultRoute = undefined;
    assert.equal((await route())?.state, 'note');
  });
});
