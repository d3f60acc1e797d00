import { addressOf } from '../libc.ts';

/** Classic BPF (linux/filter.h): takes no packet at all. */
export const NOTHING_FILTER: Uint8Array = new Uint8Array(Uint16Array.of(0x06, 0, 0, 0).buffer);

/** struct sock_fprog: the number of instructions, of 8 bytes each, and where they are. The caller keeps `filter` alive for the call. */
export function socketFilter(filter: Uint8Array): Uint8Array {
  const program = new Uint8Array(new ArrayBuffer(16));
  const view = new DataView(program.buffer);
  view.setUint16(0, filter.length / 8, true);
  view.setBigUint64(8, addressOf(filter), true);
  return program;
}
