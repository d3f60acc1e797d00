import type { VrrpInstanceStatus, VrrpStateName } from '../../model/vrrp-status.ts';

/** Which instance a sample is about: keepalived_exporter's labels. */
export function instanceLabels({ name, interface: intf, virtualRouterId }: VrrpInstanceStatus) {
  return { iname: name, intf, vrid: virtualRouterId };
}

/** States as keepalived numbers them (vrrp.h, VRRP_STATE_*). */
export const STATE_NUMBERS: Readonly<Record<VrrpStateName, number>> = {
  initialize: 0,
  backup: 1,
  master: 2,
  fault: 3,
};
