import { SOL_SOCKET } from '../constants.ts';
import { addressOf } from '../libc.ts';
import { SO_ATTACH_FILTER } from './constants.ts';
import { setOption } from './socket-option.ts';

/** Classic BPF (linux/filter.h): takes no packet at all. */
export const NOTHING_FILTER: Uint8Array = new Uint8Array(Uint16Array.of(0x06, 0, 0, 0).buffer);

/** Offsets from here on are in the link-layer header (linux/filter.h, SKF_LL_OFF). */
const LINK_LAYER = 0xffe00000;
/** Where an Ethernet header has its source. */
const ETHERNET_SOURCE = 6;

/** Takes only what came in an Ethernet frame from this address of 6 bytes. */
export function fromEthernetFilter(source: Uint8Array): Uint8Array {
  const view = new DataView(Uint8Array.from(source).buffer);
  const [loadWord, loadHalf, isEqual, answer] = [0x20, 0x28, 0x15, 0x06];
  return instructions([
    [loadWord, 0, LINK_LAYER + ETHERNET_SOURCE],
    [isEqual, 3, view.getUint32(0)],
    [loadHalf, 0, LINK_LAYER + ETHERNET_SOURCE + 4],
    [isEqual, 1, view.getUint16(4)],
    [answer, 0, 0xffffffff],
    [answer, 0, 0],
  ]);
}

/** struct sock_filter: code, how many instructions are passed over where a comparison fails, operand. */
function instructions(
  given: readonly (readonly [code: number, otherwise: number, operand: number])[],
): Uint8Array {
  const program = new Uint8Array(given.length * 8);
  const view = new DataView(program.buffer);
  given.forEach(([code, otherwise, operand], index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 3, otherwise);
    view.setUint32(index * 8 + 4, operand, true);
  });
  return program;
}

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
