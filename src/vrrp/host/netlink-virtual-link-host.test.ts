import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { enterOwnNetwork } from '../../../test/netlink/own-network.ts';
import { RouteNetlink } from '../../netlink/route/route-netlink.ts';
import { virtualMacAddress } from '../packet/virtual-mac-address.ts';
import { SYSTEM_SYSCTL } from './interface-sysctl.ts';
import { NetlinkVirtualLinkHost } from './netlink-virtual-link-host.ts';

const skip = enterOwnNetwork() ?? false;
const LINK = { name: 'vrrp.51', address: virtualMacAddress('inet', 51), hasInet: true };

describe('NetlinkVirtualLinkHost in a network of its own', { skip, timeout: 30_000 }, () => {
  let netlink: RouteNetlink;
  let host: NetlinkVirtualLinkHost;
  let parent: { readonly name: string; readonly index: number };

  before(async () => {
    netlink = new RouteNetlink();
    host = new NetlinkVirtualLinkHost(netlink, SYSTEM_SYSCTL);
    await netlink.links.add({ name: 'base0', kind: 'veth', peer: 'other0' });
    const index = (await netlink.links.find('base0'))?.index ?? 0;
    await netlink.links.change(index, { up: true });
    parent = { name: 'base0', index };
  });

  after(() => netlink.close());

  it('makes a macvlan that claims nothing but virtual addresses, and removes it', async () => {
    const before = ['arp_ignore', 'arp_announce'].map((name) => settingOf('ipv4', 'base0', name));
    const index = await host.make(LINK, parent);
    const made = await netlink.links.find('vrrp.51');
    assert.deepEqual(
      [made?.index, made?.kind, made?.address, made?.parent, made?.up],
      [index, 'macvlan', '00:00:5e:00:01:33', parent.index, false],
    );
    for (const name of ['accept_ra', 'autoconf']) assert.equal(settingOf('ipv6', 'vrrp.51', name), '0', name);
    for (const [name, value] of [
      ['arp_ignore', '1'],
      ['arp_announce', '2'],
      ['rp_filter', '2'],
      ['arp_filter', '0'],
    ] as const)
      assert.equal(settingOf('ipv4', 'vrrp.51', name), value, name);
    assert.deepEqual(
      ['arp_ignore', 'arp_announce'].map((name) => settingOf('ipv4', 'base0', name)),
      ['1', '2'],
    );
    await netlink.links.change(index, { up: true });
    assert.deepEqual(await netlink.addresses.list(index), [], 'not even a link-local address');
    await host.remove(LINK, parent);
    assert.equal(await netlink.links.find('vrrp.51'), undefined);
    assert.deepEqual(
      ['arp_ignore', 'arp_announce'].map((name) => settingOf('ipv4', 'base0', name)),
      before,
    );
  });

  it('leaves the interface alone where no IPv4 address is to be on the macvlan', async () => {
    const six = { name: 'vrrp6.51', address: virtualMacAddress('inet6', 51), hasInet: false };
    await host.make(six, parent);
    assert.equal(settingOf('ipv4', 'base0', 'arp_ignore'), '0');
    await host.remove(six, parent);
  });

  it('does without /proc/sys where that is read-only, as for a service', async () => {
    const readOnly = new NetlinkVirtualLinkHost(netlink, {
      read: SYSTEM_SYSCTL.read,
      write: () => {
        throw new Error('read-only file system');
      },
    });
    await readOnly.make(LINK, parent);
    assert.deepEqual(
      [settingOf('ipv4', 'base0', 'arp_ignore'), settingOf('ipv4', 'vrrp.51', 'arp_ignore')],
      ['1', '1'],
    );
    await readOnly.remove(LINK, parent);
    assert.equal(settingOf('ipv4', 'base0', 'arp_ignore'), '0');
  });

  it('replaces what an earlier run left', async () => {
    const first = await host.make(LINK, parent);
    await netlink.links.change(first, { up: true });
    await netlink.addresses.add({ index: first, address: '192.0.2.50', prefixLength: 32 });
    const next = new NetlinkVirtualLinkHost(netlink, SYSTEM_SYSCTL);
    const second = await next.make(LINK, parent);
    assert.notEqual(second, first);
    assert.deepEqual(await netlink.addresses.list(second), []);
    assert.equal((await netlink.links.list()).filter(({ kind }) => kind === 'macvlan').length, 1);
    await next.remove(LINK, parent);
  });

  it('touches no other interface of that name', async () => {
    await netlink.links.add({ name: 'vrrp.51', kind: 'bridge' });
    await assert.rejects(host.make(LINK, parent), /there is an interface vrrp\.51 already/);
    await host.remove(LINK, parent);
    assert.equal((await netlink.links.find('vrrp.51'))?.kind, 'bridge');
  });
});

function settingOf(family: 'ipv4' | 'ipv6', device: string, name: string): string | undefined {
  return SYSTEM_SYSCTL.read(`${family}/conf/${device}/${name}`);
}
