import { close } from '../libc.ts';
import { BpfAttribute } from './bpf-attribute.ts';
import { bpf } from './bpf-call.ts';
import * as c from './constants.ts';
import { readObjectInfo } from './object-info.ts';
import { openPinned, pin } from './pin.ts';

/** A loaded program. */
interface Program {
  readonly fd: number;
}

/** `native` runs in the driver, `generic` after it, and `any` is the kernel's choice: native where the driver can. */
export type XdpMode = 'native' | 'generic' | 'any';

const XDP_FLAGS = { native: c.XDP_FLAGS_DRV_MODE, generic: c.XDP_FLAGS_SKB_MODE, any: 0 } as const;

export type TcDirection = 'ingress' | 'egress';

const TCX_TYPES = { ingress: c.BPF_TCX_INGRESS, egress: c.BPF_TCX_EGRESS } as const;

/** `struct bpf_link_info` of linux/bpf.h. */
export interface BpfLinkInfo {
  /** enum bpf_link_type */
  readonly type: number;
  readonly id: number;
  readonly programId: number;
  /** Of XDP and tcx links; 0 once the device is gone, or the link detached. */
  readonly ifindex: number | undefined;
}

/**
 * A program attached to something, for as long as the descriptor is open or a pin holds the link. What the kernel refuses is a
 * BpfError: EBUSY where a device has an XDP program already, EOPNOTSUPP for a mode that the driver does not know, ENODEV (tcx)
 * or EINVAL (XDP) without the device, and EINVAL where the kernel is older than the kind of link.
 */
export class BpfLink {
  readonly fd: number;

  /** Takes a descriptor of a link, which from now on is this object's to close. */
  constructor(fd: number) {
    this.fd = fd;
  }

  /** Linux 5.9, on the device of the calling thread's network namespace. */
  static createXdp(program: Program, ifindex: number, mode: XdpMode = 'any'): BpfLink {
    return create(program, ifindex, c.BPF_XDP, XDP_FLAGS[mode], `XDP on interface ${ifindex}`);
  }

  /** Linux 6.6; runs behind the tcx programs that are there, and before the filters of a clsact discipline. */
  static createTcx(program: Program, ifindex: number, direction: TcDirection): BpfLink {
    return create(program, ifindex, TCX_TYPES[direction], 0, `tcx ${direction} on interface ${ifindex}`);
  }

  /** The link that is pinned there. */
  static openPinned(path: string): BpfLink {
    return new BpfLink(openPinned(path));
  }

  /** Replaces the program without a packet in between; with `expected` only where the link runs that one, EPERM otherwise. */
  update(program: Program, expected?: Program): void {
    const attribute = new BpfAttribute(16)
      .setU32(0, this.fd)
      .setU32(4, program.fd)
      .setU32(8, expected === undefined ? 0 : c.BPF_F_REPLACE)
      .setU32(12, expected?.fd ?? 0);
    bpf(c.BPF_LINK_UPDATE, attribute, 'BPF_LINK_UPDATE');
  }

  /** Takes the program off; the link remains, and does nothing. */
  detach(): void {
    bpf(c.BPF_LINK_DETACH, new BpfAttribute(4).setU32(0, this.fd), 'BPF_LINK_DETACH');
  }

  pin(path: string): void {
    pin(this, path);
  }

  info(): BpfLinkInfo {
    const info = readObjectInfo(this.fd, new BpfAttribute(32));
    const type = info.u32(0);
    const onDevice = type === c.BPF_LINK_TYPE_XDP || type === c.BPF_LINK_TYPE_TCX;
    return { type, id: info.u32(4), programId: info.u32(8), ifindex: onDevice ? info.u32(16) : undefined };
  }

  /** Detaches too, unless a pin or another descriptor holds the link. */
  close(): void {
    close(this.fd);
  }
}

function create(program: Program, target: number, type: number, flags: number, what: string): BpfLink {
  const attribute = new BpfAttribute(16)
    .setU32(0, program.fd)
    .setU32(4, target)
    .setU32(8, type)
    .setU32(12, flags);
  return new BpfLink(bpf(c.BPF_LINK_CREATE, attribute, `BPF_LINK_CREATE ${what}`));
}
