import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { InterfaceSettings } from '../../netlink/route/interface-settings.ts';
import type { Link } from '../../netlink/route/link.ts';
import { macvlanData } from '../../netlink/route/macvlan.ts';
import type { RouteNetlink } from '../../netlink/route/route-netlink.ts';
import { ArpRestraint } from './arp-restraint.ts';
import type { InterfaceSysctl } from './interface-sysctl.ts';
import { NetlinkInetSettings } from './netlink-inet-settings.ts';
import type { VirtualLinkHost, VirtualLinkParent, VirtualLinkSettings } from './virtual-link-host.ts';

/** What all virtual MAC addresses begin with (RFC 9568 section 7.3). */
const VIRTUAL = /^00:00:5e:00:0[12]:/;

/** Of the macvlan alone. */
const SETTINGS = {
  inet: {
    // Not for addresses of the interface below, which broadcasts ask for here, too.
    arp_ignore: 1,
    arp_announce: 2,
    // Answers may leave by the interface below.
    arp_filter: 0,
    // Loose, which also wins over a strict net.ipv4.conf.all: what comes in here is answered by the interface below.
    rp_filter: 2,
  },
  // No addresses but the virtual ones: every master would have the same link-local address.
  inet6AddressGeneration: 'none',
} as const satisfies InterfaceSettings;
/** What rtnetlink cannot set: routers of the link give it no address. Where /proc/sys is read-only they may. */
const NO_ROUTERS = ['accept_ra', 'autoconf'];

/** Macvlans by rtnetlink. Needs CAP_NET_ADMIN. */
export class NetlinkVirtualLinkHost implements VirtualLinkHost {
  readonly #links: RouteNetlink['links'];
  readonly #sysctl: InterfaceSysctl;
  readonly #restraint: ArpRestraint;

  constructor({ links }: Pick<RouteNetlink, 'links'>, sysctl: InterfaceSysctl) {
    this.#links = links;
    this.#sysctl = sysctl;
    this.#restraint = new ArpRestraint(new NetlinkInetSettings(links, sysctl));
  }

  async make(link: VirtualLinkSettings, parent: VirtualLinkParent): Promise<number> {
    const { name, hasInet } = link;
    const before = await this.#links.find(name);
    if (before !== undefined && !isVirtual(before)) {
      throw new Error(
        `there is an interface ${name} already, which is no macvlan with a virtual MAC address`,
      );
    }
    if (before !== undefined) await this.#links.delete(before.index);
    const address = Buffer.from(link.address)
      .toString('hex')
      .replaceAll(/..(?!$)/g, '$&:');
    const data = macvlanData('private');
    await this.#links.add({ name, kind: 'macvlan', parent: parent.index, address, data });
    try {
      const made = await this.#links.find(name);
      if (made === undefined) throw new Error(`interface ${name} was removed while it was made`);
      await this.#set(made);
      if (hasInet) await this.#restraint.restrain(parent.name);
      return made.index;
    } catch (error) {
      await this.#delete(name);
      throw error;
    }
  }

  async remove({ name, hasInet }: VirtualLinkSettings, parent: VirtualLinkParent): Promise<void> {
    if (hasInet) await this.#restraint.release(parent.name);
    await this.#delete(name);
  }

  async #delete(name: string): Promise<void> {
    const found = await this.#links.find(name);
    if (found === undefined || !isVirtual(found)) return;
    try {
      await this.#links.delete(found.index);
    } catch (error) {
      if (!(error instanceof NetlinkError && error.code === 'ENODEV')) throw error;
    }
  }

  async #set({ index, name }: Link): Promise<void> {
    const hasInet6 = this.#sysctl.read(`ipv6/conf/${name}/addr_gen_mode`) !== undefined;
    await this.#links.change(index, { settings: hasInet6 ? SETTINGS : { inet: SETTINGS.inet } });
    for (const setting of NO_ROUTERS) {
      try {
        this.#sysctl.write(`ipv6/conf/${name}/${setting}`, '0');
      } catch {
        // Of a host without IPv6, or of a service.
      }
    }
  }
}

function isVirtual({ kind, address = '' }: Link): boolean {
  return kind === 'macvlan' && VIRTUAL.test(address);
}
