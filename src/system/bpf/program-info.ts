import { BpfAttribute } from './bpf-attribute.ts';
import { objectName, readObjectInfo } from './object-info.ts';

/** `struct bpf_prog_info` of linux/bpf.h. */
export interface BpfProgramInfo {
  readonly type: number;
  readonly id: number;
  readonly name: string;
  /** A hash of the instructions, 16 hexadecimal digits. */
  readonly tag: string;
  /** Bytes of native code; 0 where the JIT is off. */
  readonly jitedLength: number;
  /** Bytes of BPF code after the verifier. */
  readonly translatedLength: number;
  /** When it was loaded, in nanoseconds since the system started. */
  readonly loadedAt: bigint;
  /** Instructions that the verifier walked through; 0 before linux 5.16. */
  readonly verifiedInstructions: number;
  readonly mapIds: readonly number[];
  /** Nanoseconds and runs; zero unless kernel.bpf_stats_enabled is 1. */
  readonly runTime: bigint;
  readonly runs: bigint;
}

const LENGTH = 232;

export function readProgramInfo(fd: number): BpfProgramInfo {
  const count = readObjectInfo(fd, new BpfAttribute(LENGTH)).u32(52);
  const ids = new BpfAttribute(4 * count);
  // The kernel fills the array only where its length is given too.
  const info = readObjectInfo(fd, new BpfAttribute(LENGTH).setU32(52, count).setPointer(56, ids.bytes));
  return {
    type: info.u32(0),
    id: info.u32(4),
    name: objectName(info, 64),
    tag: Buffer.from(info.bytes.subarray(8, 16)).toString('hex'),
    jitedLength: info.u32(16),
    translatedLength: info.u32(20),
    loadedAt: info.u64(40),
    verifiedInstructions: info.u32(216),
    mapIds: Array.from({ length: Math.min(count, info.u32(52)) }, (_, index) => ids.u32(4 * index)),
    runTime: info.u64(192),
    runs: info.u64(200),
  };
}
