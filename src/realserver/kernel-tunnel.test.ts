import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { IpAddress } from '../model/address.ts';
import { describeChange } from './change/change-handlers.ts';
import { check, isWell } from './check.ts';
import { FakeHost } from './fake/fake-host.ts';
import type { RealServerSettings } from './real-server-settings.ts';
import { setUp } from './set-up.ts';
import { undo } from './undo.ts';

const VIP = '192.0.2.10' as IpAddress;
const VIP6 = '2001:db8::10' as IpAddress;
const IPIP: RealServerSettings = {
  virtualAddresses: [VIP],
  tunnels: [{ kind: 'ipip' }],
  decapsulation: 'auto',
};

/** A kernel that can be given ipip, and makes tunl0 when it is. */
function hostWithIpip(t: TestContext): FakeHost {
  const host = new FakeHost();
  t.after(() => host.close());
  host.modules.add('ipip');
  host.onLoad.set('ipip', () => {
    if (host.network.links.some(({ name }) => name === 'tunl0')) return;
    host.network.addTunnelDevice('tunl0', 'ipip');
    host.set('net/ipv4/conf/tunl0/rp_filter', host.sysctls.read('net/ipv4/conf/default/rp_filter') ?? '0');
  });
  return host;
}

async function setUpTold(host: FakeHost, settings: RealServerSettings): Promise<readonly string[]> {
  const { changes, requirements } = await setUp(settings, host, host.file);
  assert.ok(isWell(requirements), JSON.stringify(requirements, null, 2));
  return changes.map(describeChange);
}

async function undoTold(host: FakeHost): Promise<readonly string[]> {
  return ((await undo(host, host.file)) ?? []).map(
    ({ change, result }) => `${result} ${describeChange(change)}`,
  );
}

describe("the kernel's tunnel devices", () => {
  it('are taken where it has them: loaded, brought up, and without a strict reverse path filter', async (t) => {
    const host = hostWithIpip(t);
    host.set('net/ipv4/conf/default/rp_filter', '1');
    assert.deepEqual(await setUpTold(host, IPIP), [
      'net.ipv4.conf.all.arp_ignore = 1 (was 0)',
      'net.ipv4.conf.all.arp_announce = 2 (was 0)',
      'tunnel device tunl0 (module ipip)',
      'net.ipv4.conf.tunl0.rp_filter = 2 (was 1)',
      'address 192.0.2.10/32 on lo',
    ]);
    assert.deepEqual(host.network.changes, ['tunl0 up', 'add 192.0.2.10/32']);
    assert.equal(host.installed.size, 0);
    assert.deepEqual(await setUpTold(host, IPIP), []);
    assert.ok(isWell(await check(undefined, host, host.file)));

    await undoTold(host);
    // It cannot be deleted: it is as it was made, down.
    assert.deepEqual(host.network.changes.slice(2), ['remove 192.0.2.10/32', 'tunl0 down']);
    assert.equal(host.sysctls.read('net/ipv4/conf/tunl0/rp_filter'), '1');
    assert.equal(host.sysctls.read('net/ipv4/conf/all/arp_ignore'), '0');
  });

  it('that were there and down are brought up, and down again', async (t) => {
    const host = hostWithIpip(t);
    await host.loadModule('ipip');
    const told = await setUpTold(host, IPIP);
    assert.ok(told.includes('interface tunl0 up (was down)'), told.join());
    assert.ok((await undoTold(host)).includes('undone interface tunl0 up (was down)'));
    assert.equal(host.network.changes.at(-1), 'tunl0 down');
  });

  it('that were there and up are left alone', async (t) => {
    const host = hostWithIpip(t);
    await host.loadModule('ipip');
    for (const link of host.network.links) link.up = true;
    await setUpTold(host, IPIP);
    await undoTold(host);
    assert.deepEqual(host.network.changes, ['add 192.0.2.10/32', 'remove 192.0.2.10/32']);
  });

  it('are made, and deleted, in a network namespace that has none', async (t) => {
    const host = hostWithIpip(t);
    host.onLoad.clear();
    host.network.kinds.add('ipip');
    await setUpTold(host, IPIP);
    await undoTold(host);
    assert.deepEqual(host.network.changes, [
      'make tunl0',
      'tunl0 up',
      'add 192.0.2.10/32',
      'remove 192.0.2.10/32',
      'delete tunl0',
    ]);
  });

  it('that cannot be made are told, with the way out, and what was done is recorded', async (t) => {
    const host = hostWithIpip(t);
    host.onLoad.clear();
    await assert.rejects(setUp({ ...IPIP, decapsulation: 'kernel' }, host, host.file), {
      code: 'SYSTEM_CALL_FAILED',
      message: /^The kernel has no tunl0: .*Unknown device type$/,
      hint: /--decapsulation bpf/,
    });
    assert.deepEqual(await undoTold(host), [
      'absent tunnel device tunl0 (module ipip)',
      'undone net.ipv4.conf.all.arp_announce = 2 (was 0)',
      'undone net.ipv4.conf.all.arp_ignore = 1 (was 0)',
    ]);
    assert.deepEqual(host.network.changes, []);
  });

  it('give way to the own program where one of them is missing', async (t) => {
    const host = hostWithIpip(t);
    // IPv6 in IPv4 is the module sit, which this kernel lacks.
    await setUpTold(host, { ...IPIP, virtualAddresses: [VIP, VIP6] });
    assert.equal(host.network.links.length, 2);
    const [content] = host.installed.values();
    assert.deepEqual(content?.virtualAddresses, [VIP, VIP6]);
    assert.deepEqual(content?.ownAddresses, ['10.2.0.11']);
    assert.deepEqual(content?.interfaces, [{ name: 'eth0', index: 2 }]);
    await undoTold(host);
    assert.equal(host.installed.size, 0);
  });

  it('take GUE on a port of the module fou', async (t) => {
    const host = hostWithIpip(t);
    host.modules.add('fou');
    host.onLoad.set('fou', () => {
      host.fou.present = true;
    });
    const told = await setUpTold(host, { ...IPIP, tunnels: [{ kind: 'gue', port: 6080 }] });
    assert.ok(told.includes('GUE of the kernel on UDP port 6080, IPv4'), told.join('\n'));
    assert.deepEqual([...host.fou.ports], ['inet 6080']);
    assert.ok((await undoTold(host)).includes('undone GUE of the kernel on UDP port 6080, IPv4'));
    assert.equal(host.fou.ports.size, 0);
  });

  it('are those of the families that the host has', async (t) => {
    const host = hostWithIpip(t);
    host.network.addresses.push({ index: 2, address: 'fd02::11', prefixLength: 64 });
    for (const [module, name, kind] of [
      ['sit', 'sit0', 'sit'],
      ['ip6_tunnel', 'ip6tnl0', 'ip6tnl'],
      ['ip_gre', 'gre0', 'gre'],
      ['ip6_gre', 'ip6gre0', 'ip6gre'],
    ] as const) {
      host.modules.add(module);
      host.onLoad.set(module, () => void host.network.addTunnelDevice(name, kind));
    }
    const told = await setUpTold(host, {
      ...IPIP,
      virtualAddresses: [VIP, VIP6],
      tunnels: [{ kind: 'ipip' }, { kind: 'gre' }],
    });
    assert.deepEqual(
      told.filter((text) => text.startsWith('tunnel device')),
      [
        'tunnel device tunl0 (module ipip)',
        'tunnel device sit0 (module sit)',
        'tunnel device gre0 (module ip_gre)',
        'tunnel device ip6tnl0 (module ip6_tunnel)',
        'tunnel device ip6gre0 (module ip6_gre)',
      ],
    );
  });
});
