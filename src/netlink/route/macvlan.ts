import type { NetlinkWriter } from '../netlink-writer.ts';

/**
 * Whom a macvlan talks to besides the network outside: `private` to no other macvlan of the same interface, `vepa` to them by a switch
 * outside, `bridge` to them directly, `passthru` alone on its interface (linux/if_link.h, MACVLAN_MODE_*).
 */
export type MacvlanMode = keyof typeof MODES;

const MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
/** linux/if_link.h */
const IFLA_MACVLAN_MODE = 1;

/** The `data` of an interface of kind `macvlan`. */
export function macvlanData(mode: MacvlanMode): (writer: NetlinkWriter) => void {
  return (writer) => writer.u32(IFLA_MACVLAN_MODE, MODES[mode]);
}
