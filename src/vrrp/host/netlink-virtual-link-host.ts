import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { Link } from '../../netlink/route/link.ts';
import { macvlanData } from '../../netlink/route/macvlan.ts';
import type { RouteNetlink } from '../../netlink/route/route-netlink.ts';
import { ArpRestraint } from './arp-restraint.ts';
import type { InterfaceSysctl } from './interface-sysctl.ts';
import type { VirtualLinkHost, VirtualLinkParent, VirtualLinkSettings } from './virtual-link-host.ts';

/** What all virtual MAC addresses begin with (RFC 9568 section 7.3). */
const VIRTUAL = /^00:00:5e:00:0[12]:/;

/** Of the macvlan alone. What the kernel does not have is left out. */
const SETTINGS = [
  // Not for addresses of the interface below, which broadcasts ask for here, too.
  { family: 'ipv4', name: 'arp_ignore', value: '1' },
  { family: 'ipv4', name: 'arp_announce', value: '2' },
  // Answers may leave by the interface below.
  { family: 'ipv4', name: 'arp_filter', value: '0' },
  // Loose, which also wins over a strict net.ipv4.conf.all: what comes in here is answered by the interface below.
  { family: 'ipv4', name: 'rp_filter', value: '2' },
  // No addresses but the virtual ones: every master would have the same link-local address.
  { family: 'ipv6', name: 'addr_gen_mode', value: '1' },
  { family: 'ipv6', name: 'accept_ra', value: '0' },
  { family: 'ipv6', name: 'autoconf', value: '0' },
] as const;

/** Macvlans by rtnetlink and /proc/sys. Needs CAP_NET_ADMIN. */
export class NetlinkVirtualLinkHost implements VirtualLinkHost {
  readonly #links: RouteNetlink['links'];
  readonly #sysctl: InterfaceSysctl;
  readonly #restraint: ArpRestraint;

  constructor({ links }: Pick<RouteNetlink, 'links'>, sysctl: InterfaceSysctl) {
    this.#links = links;
    this.#sysctl = sysctl;
    this.#restraint = new ArpRestraint(sysctl);
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
      for (const { family, name: setting, value } of SETTINGS)
        this.#set({ family, name: setting }, name, value);
      if (hasInet) this.#restraint.restrain(parent.name);
      return made.index;
    } catch (error) {
      await this.#delete(name);
      throw error;
    }
  }

  async remove({ name, hasInet }: VirtualLinkSettings, parent: VirtualLinkParent): Promise<void> {
    if (hasInet) this.#restraint.release(parent.name);
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

  #set(
    { family, name }: { readonly family: 'ipv4' | 'ipv6'; readonly name: string },
    device: string,
    value: string,
  ): void {
    const setting = { family, interface: device, name };
    const before = this.#sysctl.read(setting);
    if (before !== undefined && before !== value) this.#sysctl.write(setting, value);
  }
}

function isVirtual({ kind, address = '' }: Link): boolean {
  return kind === 'macvlan' && VIRTUAL.test(address);
}
