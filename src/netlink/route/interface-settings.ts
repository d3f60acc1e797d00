import { AF_INET, AF_INET6 } from '../../system/constants.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';

/**
 * Settings of an interface that sysctl(8) has, too, as far as rtnetlink can change them: where /proc/sys is read-only, as in a container, this
 * works still. Documentation/networking/ip-sysctl.rst says what they mean.
 */
export interface InterfaceSettings {
  /** net.ipv4.conf.NAME */
  readonly inet?: Readonly<Partial<Record<InetSetting, number>>>;
  /** net.ipv6.conf.NAME.addr_gen_mode: how link-local addresses come; `none` for not at all. */
  readonly inet6AddressGeneration?: keyof typeof GENERATION;
}

export type InetSetting = keyof typeof INET;

/** linux/ip.h, IPV4_DEVCONF_* */
const INET = { rp_filter: 8, arp_filter: 13, arp_announce: 18, arp_ignore: 19 } as const;
/** linux/if_link.h, IN6_ADDR_GEN_MODE_* */
const GENERATION = { eui64: 0, none: 1 } as const;
/** linux/if_link.h */
const IFLA_AF_SPEC = 26;
const IFLA_INET_CONF = 1;
const IFLA_INET6_ADDR_GEN_MODE = 8;

export function writeInterfaceSettings(writer: NetlinkWriter, settings: InterfaceSettings): void {
  const { inet, inet6AddressGeneration: generation } = settings;
  writer.nest(IFLA_AF_SPEC, () => {
    if (inet !== undefined) {
      writer.nest(AF_INET, () => {
        writer.nest(IFLA_INET_CONF, () => {
          for (const [name, value] of Object.entries(inet)) writer.u32(INET[name as InetSetting], value);
        });
      });
    }
    if (generation !== undefined)
      writer.nest(AF_INET6, () => writer.u8(IFLA_INET6_ADDR_GEN_MODE, GENERATION[generation]));
  });
}
