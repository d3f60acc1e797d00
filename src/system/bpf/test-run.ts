import { BpfAttribute } from './bpf-attribute.ts';
import { bpf } from './bpf-call.ts';
import { BPF_PROG_TEST_RUN } from './constants.ts';

/** How a program is run: `union bpf_attr`, BPF_PROG_TEST_RUN. */
export interface TestRunOptions {
  /** The packet, from the Ethernet header on; at least 14 bytes. */
  readonly data?: Uint8Array;
  /** Bytes for the packet that comes out; otherwise 512 more than went in. 0 asks for none. */
  readonly dataRoom?: number;
  /** `struct xdp_md`, `struct __sk_buff`, or what a program of type syscall takes. */
  readonly context?: Uint8Array;
  /** Bytes for the context that comes out; none unless asked for. Programs of type syscall write theirs in place. */
  readonly contextRoom?: number;
  /** Runs, on the same packet, as the run before left it. 1 unless given. */
  readonly repeat?: number;
  /** Such as BPF_F_TEST_XDP_LIVE_FRAMES. */
  readonly flags?: number;
  /** The processor, for the types that allow it: raw tracepoints. */
  readonly cpu?: number;
  /** Frames at a time with live frames, 1 to 256; 0 is the kernel's choice. */
  readonly batchSize?: number;
}

export interface TestRunResult {
  /** What the program returned, in the last run. */
  readonly verdict: number;
  /** Nanoseconds a run, on average. */
  readonly duration: number;
  readonly data: Uint8Array;
  /** With room the context that came out; otherwise the one that went in, as the program left it. */
  readonly context: Uint8Array;
}

/**
 * Runs a program on a packet without any device. Blocks until all runs are done; what the kernel refuses is a BpfError. A signal
 * between two runs (net/bpf/test_run.c, bpf_test_timer_continue) makes all of them start over, so that a program with `repeat`
 * may run more often than asked for; with live frames between two batches.
 */
export function testRun(program: { readonly fd: number }, options: TestRunOptions = {}): TestRunResult {
  const context = options.context?.slice() ?? new Uint8Array();
  const dataOut = new Uint8Array(options.dataRoom ?? defaultRoom(options));
  const contextOut = new Uint8Array(options.contextRoom ?? 0);
  const attribute = new BpfAttribute(80)
    .setU32(0, program.fd)
    .setU32(8, options.data?.length ?? 0)
    .setU32(12, dataOut.length)
    .setPointer(16, options.data)
    .setPointer(24, dataOut)
    .setU32(32, options.repeat ?? 0)
    .setU32(40, context.length)
    .setU32(44, contextOut.length)
    .setPointer(48, context)
    .setPointer(56, contextOut)
    .setU32(64, options.flags ?? 0)
    .setU32(68, options.cpu ?? 0)
    .setU32(72, options.batchSize ?? 0);
  bpf(BPF_PROG_TEST_RUN, attribute, 'BPF_PROG_TEST_RUN');
  return {
    verdict: attribute.u32(4),
    duration: attribute.u32(36),
    data: dataOut.subarray(0, attribute.u32(12)),
    context: contextOut.length === 0 ? context : contextOut.subarray(0, attribute.u32(44)),
  };
}

/** Runs that let frames go, and programs of type syscall, refuse to give a packet back. */
function defaultRoom({ data, flags = 0 }: TestRunOptions): number {
  return data === undefined || flags !== 0 ? 0 : data.length + 512;
}
