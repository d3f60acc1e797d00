import { readFileSync } from 'node:fs';

/** Bits of linux/capability.h. */
const BITS = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21, CAP_PERFMON: 38, CAP_BPF: 39 } as const;

export type Capability = keyof typeof BITS;

/** Whether this thread has the capability in effect. CAP_SYS_ADMIN stands for CAP_BPF and CAP_PERFMON too, as in the kernel. */
export function hasCapability(
  capability: Capability,
  status: string = readFileSync('/proc/thread-self/status', 'utf8'),
): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (name: Capability) => ((effective >> BigInt(BITS[name])) & 1n) === 1n;
  if (has(capability)) return true;
  return (capability === 'CAP_BPF' || capability === 'CAP_PERFMON') && has('CAP_SYS_ADMIN');
}
