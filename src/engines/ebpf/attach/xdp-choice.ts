import type { Link } from '../../../netlink/route/link.ts';

/** `--attach`: `tc` alone, `xdp` wherever it goes, or what suits the device. */
export type AttachMode = 'auto' | 'xdp' | 'tc';

export interface XdpChoice {
  /** Whether XDP is tried; `required` falls back on generic XDP, and says so. */
  readonly xdp: 'none' | 'wanted' | 'required';
  /** Why, for the log. */
  readonly reason: string;
}

/**
 * Drivers of virtual machines' devices, which the host feeds with packets of up to 64 KiB and with unfinished checksums: only tc has the
 * helpers for those.
 */
const OFFLOADING_DRIVERS = ['virtio_net', 'xen_netfront', 'vif', 'hv_netvsc', 'vmxnet3'];

/** What the choice depends on besides the link itself. */
export interface XdpDevice {
  /** The name of the device's driver; undefined where it has none or it is not known. */
  readonly driver: string | undefined;
  /** Whether VLAN devices stand on it: XDP does not see the tags that a device takes off. */
  readonly carriesVlans: boolean;
}

export function chooseXdp(
  mode: AttachMode,
  { kind }: Pick<Link, 'kind'>,
  { driver, carriesVlans }: XdpDevice,
): XdpChoice {
  if (mode === 'tc') return { xdp: 'none', reason: 'tc was asked for' };
  if (mode === 'xdp') {
    // Nothing tells whether the senders' offloads are on: TCP hangs where they are.
    const hint = kind === 'veth' ? ', which takes "tx off" where packets for this veth come from' : '';
    return { xdp: 'required', reason: `XDP was asked for${hint}` };
  }
  if (carriesVlans) return { xdp: 'none', reason: 'it carries VLANs, whose tags XDP may not see' };
  if (kind !== undefined)
    return { xdp: 'none', reason: `a ${kind} carries packets with unfinished checksums` };
  if (driver === undefined) return { xdp: 'none', reason: 'its driver is not known' };
  if (OFFLOADING_DRIVERS.includes(driver)) {
    return { xdp: 'none', reason: `${driver} carries packets with unfinished checksums` };
  }
  return { xdp: 'wanted', reason: `driver ${driver}` };
}
