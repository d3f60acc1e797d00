import { ViprError } from '../../model/error.ts';
import { testRun } from '../../system/bpf/test-run.ts';
import { readU64, viewOf } from './codec/address-codec.ts';
import { OFFSET, SIZE } from './layout.gen.ts';

/** The kernel's jiffies64. */
export interface JiffiesClock {
  /** Jiffies a second: CONFIG_HZ. */
  readonly hz: number;
  now(): number;
}

/** Two clocks in one reading: `struct clock` of bpf/abi.h. */
export interface ClockReading {
  readonly jiffies: number;
  /** CLOCK_MONOTONIC. */
  readonly nanoseconds: number;
}

/** What CONFIG_HZ can be (kernel/Kconfig.hz; arm64 and x86 have no others). */
const POSSIBLE_HZ = [100, 250, 300, 1000] as const;
/** Milliseconds between the two readings: 250 and 300 are five ticks apart then. */
const LEARNING_TIME = 120;
/** By how much a measured rate may differ: two ticks in that time, and what a busy machine adds. */
const TOLERANCE = 0.1;

/** Asks the kernel through the program `vipr_clock`. */
export function readKernelClock(program: { readonly fd: number }): ClockReading {
  const { context } = testRun(program, { context: new Uint8Array(SIZE.clock) });
  const view = viewOf(context);
  return {
    jiffies: readU64(view, OFFSET.clock.jiffies),
    nanoseconds: readU64(view, OFFSET.clock.nanoseconds),
  };
}

/**
 * Learns how fast jiffies go from two readings; no file of the system says it reliably. Rejects with ENGINE_UNAVAILABLE where
 * they go at no rate that kernels are built with.
 */
export async function learnJiffies(
  read: () => ClockReading,
  wait: (milliseconds: number) => Promise<void> = sleep,
): Promise<JiffiesClock> {
  const first = read();
  await wait(LEARNING_TIME);
  const second = read();
  const seconds = (second.nanoseconds - first.nanoseconds) / 1e9;
  const rate = (second.jiffies - first.jiffies) / seconds;
  const hz = POSSIBLE_HZ.toSorted((a, b) => Math.abs(a - rate) - Math.abs(b - rate))[0];
  if (hz === undefined || Math.abs(rate - hz) > Math.max(hz * TOLERANCE, 2 / seconds)) {
    throw new ViprError('ENGINE_UNAVAILABLE', `the kernel's clock ticks ${Math.round(rate)} times a second`, {
      hint: `The eBPF engine knows ${POSSIBLE_HZ.join(', ')}. Try again when the machine is less busy, or use another engine.`,
    });
  }
  return { hz, now: () => read().jiffies };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
