import { type CounterValues, NO_COUNTERS } from '../../../model/estimator.ts';
import { OFFSET, SIZE } from '../layout.gen.ts';
import { readU64, viewOf, writeU64 } from './address-codec.ts';

const at = OFFSET.counters;

/** `struct counters` of bpf/abi.h. */
export function encodeCounters(counters: CounterValues): Uint8Array {
  const bytes = new Uint8Array(SIZE.counters);
  const view = viewOf(bytes);
  writeU64(view, at.connections, counters.connections);
  writeU64(view, at.in_packets, counters.inPackets);
  writeU64(view, at.out_packets, counters.outPackets);
  writeU64(view, at.in_bytes, counters.inBytes);
  writeU64(view, at.out_bytes, counters.outBytes);
  return bytes;
}

/** The sum of `count` structs that lie one behind the other from `offset` on: those of all processors, or one. */
export function decodeCounters(bytes: Uint8Array | DataView, count = 1, offset = 0): CounterValues {
  const view = bytes instanceof DataView ? bytes : viewOf(bytes);
  const sum = { ...NO_COUNTERS };
  for (let struct = 0; struct < count; struct++) {
    const start = offset + struct * SIZE.counters;
    sum.connections += readU64(view, start + at.connections);
    sum.inPackets += readU64(view, start + at.in_packets);
    sum.outPackets += readU64(view, start + at.out_packets);
    sum.inBytes += readU64(view, start + at.in_bytes);
    sum.outBytes += readU64(view, start + at.out_bytes);
  }
  return sum;
}
