import type { InetSetting } from '../../netlink/route/interface-settings.ts';
import type { Links } from '../../netlink/route/links.ts';
import type { InetSettings } from './arp-restraint.ts';
import type { InterfaceSysctl } from './interface-sysctl.ts';

/** Reads /proc/sys, and writes by rtnetlink: a service's /proc/sys is read-only as a rule. Needs CAP_NET_ADMIN. */
export class NetlinkInetSettings implements InetSettings {
  readonly #links: Pick<Links, 'find' | 'change'>;
  readonly #sysctl: InterfaceSysctl;

  constructor(links: Pick<Links, 'find' | 'change'>, sysctl: InterfaceSysctl) {
    this.#links = links;
    this.#sysctl = sysctl;
  }

  read(device: string, setting: InetSetting): number | undefined {
    const text = this.#sysctl.read(`ipv4/conf/${device}/${setting}`);
    return text === undefined ? undefined : Number(text);
  }

  async write(device: string, inet: Readonly<Partial<Record<InetSetting, number>>>): Promise<void> {
    const link = await this.#links.find(device);
    if (link !== undefined) await this.#links.change(link.index, { settings: { inet } });
  }
}
