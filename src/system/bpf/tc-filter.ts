import { EEXIST, EINVAL, ENOENT } from '../constants.ts';
import { BpfAttribute } from './bpf-attribute.ts';
import { BpfError } from './bpf-error.ts';
import type { TcDirection } from './bpf-link.ts';
import { libbpf } from './libbpf.ts';
import { withLibbpfMessages } from './libbpf-messages.ts';

/** Where a filter sits: on a device of the calling thread's network namespace. */
export interface TcFilterPlace {
  readonly ifindex: number;
  readonly direction: TcDirection;
  /** Low ones run first; 1 to 65535. */
  readonly priority: number;
  /** Tells filters of one priority apart; 1 to 4294967295. */
  readonly handle: number;
}

// enum bpf_tc_attach_point, bpf/libbpf.h
const POINTS = { ingress: 1, egress: 2 } as const;
const BPF_TC_F_REPLACE = 1;

/**
 * Attaches a program as a filter that acts directly, on kernels without tcx (before 6.6), and adds the clsact discipline where the
 * device has none. A filter at the same place is replaced without a packet in between. It stays until it is detached or the
 * device goes. Throws a BpfError: ENODEV without the device, EINVAL where another discipline sits at ingress.
 */
export function attachTcFilter(program: { readonly fd: number }, place: TcFilterPlace): void {
  const hook = hookOf(place);
  const { messages, result } = withLibbpfMessages(() => {
    const created = libbpf().bpf_tc_hook_create(hook);
    if (created < 0 && created !== -EEXIST) return created;
    return libbpf().bpf_tc_attach(hook, optionsOf(place, program.fd, BPF_TC_F_REPLACE).bytes);
  });
  if (result < 0) throw new BpfError(`bpf_tc_attach ${describe(place)}`, -result, messages);
}

/** False where there was none. The clsact discipline stays: others may use it. */
export function detachTcFilter(place: TcFilterPlace): boolean {
  const { messages, result } = withLibbpfMessages(() =>
    libbpf().bpf_tc_detach(hookOf(place), optionsOf(place).bytes),
  );
  if (isAbsence(result)) return false;
  if (result < 0) throw new BpfError(`bpf_tc_detach ${describe(place)}`, -result, messages);
  return true;
}

/** The id of the program that sits there, or undefined. */
export function findTcFilter(place: TcFilterPlace): number | undefined {
  const options = optionsOf(place);
  const { messages, result } = withLibbpfMessages(() => libbpf().bpf_tc_query(hookOf(place), options.bytes));
  if (isAbsence(result)) return undefined;
  if (result < 0) throw new BpfError(`bpf_tc_query ${describe(place)}`, -result, messages);
  return options.u32(16);
}

/** The kernel says ENOENT without the filter, and EINVAL without the discipline: net/sched/cls_api.c. */
function isAbsence(result: number): boolean {
  return result === -ENOENT || result === -EINVAL;
}

/** struct bpf_tc_hook */
function hookOf({ ifindex, direction }: TcFilterPlace): Uint8Array {
  return new BpfAttribute(24).setU64(0, 24n).setU32(8, ifindex).setU32(12, POINTS[direction]).bytes;
}

/** struct bpf_tc_opts */
function optionsOf({ handle, priority }: TcFilterPlace, fd = 0, flags = 0): BpfAttribute {
  return new BpfAttribute(32)
    .setU64(0, 32n)
    .setU32(8, fd)
    .setU32(12, flags)
    .setU32(20, handle)
    .setU32(24, priority);
}

function describe({ ifindex, direction, priority }: TcFilterPlace): string {
  return `${direction} on interface ${ifindex}, priority ${priority}`;
}
