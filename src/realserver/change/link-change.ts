import { ViprError } from '../../model/error.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { ChangeOf } from './change.ts';
import type { ChangeHandler } from './change-kind.ts';

/** Modules of the kernel's tunnel devices, by the kind of the device. */
const MODULES: Readonly<Record<string, string>> = {
  ipip: 'ipip',
  sit: 'sit',
  ip6tnl: 'ip6_tunnel',
  gre: 'ip_gre',
  ip6gre: 'ip6_gre',
};

/** The module that has the devices of a kind. */
export function moduleOf(linkKind: string): string {
  return MODULES[linkKind] ?? linkKind;
}

/**
 * The device that takes every tunnel of its kind, whoever sends it: the kernel makes it, under a name of its own, when the module
 * is loaded (ip_tunnel_init_net and its likes), and does not let anybody delete it.
 */
export const linkChange: ChangeHandler<ChangeOf<'link'>> = {
  describe: ({ name, linkKind }) => `tunnel device ${name} (module ${moduleOf(linkKind)})`,

  async apply({ name, linkKind }, host) {
    const { netlink } = host;
    await host.loadModule(moduleOf(linkKind));
    if ((await netlink.links.find(name)) === undefined) {
      // A network namespace without it: net.core.fb_tunnels_only_for_init_net.
      await netlink.links.add({ name, kind: linkKind }).catch((cause: unknown) => {
        if (!(cause instanceof NetlinkError) || cause.kind !== 'refused') throw cause;
        if (cause.code === 'EEXIST') return;
        throw new ViprError('SYSTEM_CALL_FAILED', `The kernel has no ${name}: ${cause.message}`, {
          cause,
          errno: cause.code,
          hint: "Let vipr's own program take the tunnels off: --decapsulation bpf.",
        });
      });
    }
    const link = await netlink.links.find(name);
    if (link !== undefined) await netlink.links.change(link.index, { up: true });
  },

  async undo({ name }, { netlink }) {
    const link = await netlink.links.find(name);
    if (link === undefined) return 'absent';
    await netlink.links.delete(link.index).catch((error: unknown) => {
      if (!(error instanceof NetlinkError) || error.kind !== 'refused') throw error;
    });
    const stays = await netlink.links.find(name);
    if (stays?.up) await netlink.links.change(stays.index, { up: false });
    return 'undone';
  },
};
