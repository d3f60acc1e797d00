import { SOL_SOCKET } from '../constants.ts';
import { addressOf } from '../libc.ts';
import { SO_ATTACH_FILTER } from './constants.ts';
import { setOption } from './socket-option.ts';

/** Classic BPF (linux/filter.h): takes no packet at all. */
export const NOTHING_FILTER: Uint8Array = new Uint8Array(Uint16Array.of(0x06, 0, 0, 0).buffer);

/** The filter that is being attached, so that it stays while the kernel reads it: an address keeps nothing alive. */
let attached: Uint8Array | undefined;

/** Lets a socket receive only what a filter takes: instructions of classic BPF, of 8 bytes each. Throws a SystemCallError. */
export function attachFilter(fd: number, filter: Uint8Array): void {
  attached = filter;
  // struct sock_fprog: the number of instructions, and where they are.
  const program = new Uint8Array(new ArrayBuffer(16));
  const view = new DataView(program.buffer);
  view.setUint16(0, attached.length / 8, true);
  view.setBigUint64(8, addressOf(attached), true);
  setOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 'SO_ATTACH_FILTER');
}
