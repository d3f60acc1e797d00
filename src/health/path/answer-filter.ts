import { ETH_P_IP, ETH_P_IPV6 } from '../../system/raw/constants.ts';

/** One instruction: code, jump where true, jump where false, operand (struct sock_filter, linux/filter.h). */
type Instruction = readonly [number, number, number, number];

/** linux/bpf_common.h */
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const LOAD_BYTE = 0x30;
const LOAD_HALF_INDEXED = 0x48;
const LOAD_HEADER_LENGTH = 0xb1;
const JUMP_EQUAL = 0x15;
const JUMP_SET = 0x45;
const RETURN = 0x06;
/** SKF_AD_OFF + SKF_AD_PROTOCOL: the EtherType. */
const PROTOCOL = 0xfffff000;
const WHOLE = 0x40000;

const TCP = 6;
const ICMP = 1;
const ICMPV6 = 58;

/**
 * A filter of classic BPF that passes TCP segments to an address and port, and ICMP messages to one of two addresses: all
 * that can come for a segment from there.
 *
 * @param source whom segments are sent by, 4 or 16 bytes
 * @param outer whom packets around them are sent by, where they are wrapped; of either family
 */
export function answerFilter(source: Uint8Array, port: number, outer?: Uint8Array): Uint8Array {
  const other = outer === undefined || Buffer.compare(source, outer) === 0 ? [] : passWhen(outer, undefined);
  return assemble([...passWhen(source, port), ...other, [RETURN, 0, 0, 0]]);
}

/** Returns the whole packet where it passes, and goes on behind its own end where it does not. */
function passWhen(address: Uint8Array, port: number | undefined): Instruction[] {
  return address.length === 16 ? passIpv6(address, port) : passIpv4(address, port);
}

function passIpv4(address: Uint8Array, port: number | undefined): Instruction[] {
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  return resolve([
    [LOAD_HALF, 0, 0, PROTOCOL],
    [JUMP_EQUAL, NEXT, FAIL, ETH_P_IP],
    [LOAD_WORD, 0, 0, 16],
    [JUMP_EQUAL, NEXT, FAIL, view.getUint32(0)],
    [LOAD_HALF, 0, 0, 6],
    // A later fragment has no ports.
    [JUMP_SET, FAIL, NEXT, 0x1fff],
    [LOAD_BYTE, 0, 0, 9],
    [JUMP_EQUAL, PASS, NEXT, ICMP],
    [JUMP_EQUAL, NEXT, FAIL, port === undefined ? ICMP : TCP],
    [LOAD_HEADER_LENGTH, 0, 0, 0],
    [LOAD_HALF_INDEXED, 0, 0, 2],
    [JUMP_EQUAL, PASS, FAIL, port ?? 0],
  ]);
}

function passIpv6(address: Uint8Array, port: number | undefined): Instruction[] {
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  return resolve([
    [LOAD_HALF, 0, 0, PROTOCOL],
    [JUMP_EQUAL, NEXT, FAIL, ETH_P_IPV6],
    ...[0, 4, 8, 12].flatMap((at): Instruction[] => [
      [LOAD_WORD, 0, 0, 24 + at],
      [JUMP_EQUAL, NEXT, FAIL, view.getUint32(at)],
    ]),
    [LOAD_BYTE, 0, 0, 6],
    [JUMP_EQUAL, PASS, NEXT, ICMPV6],
    [JUMP_EQUAL, NEXT, FAIL, port === undefined ? ICMPV6 : TCP],
    [LOAD_HALF, 0, 0, 42],
    [JUMP_EQUAL, PASS, FAIL, port ?? 0],
  ]);
}

/** Targets of jumps, beside distances from 0. */
const NEXT = 0;
const PASS = -1;
const FAIL = -2;

/** Puts an instruction that passes the packet behind the others, and makes targets distances. */
function resolve(instructions: readonly Instruction[]): Instruction[] {
  const end = instructions.length;
  const distance = (target: number, at: number): number =>
    target === NEXT ? 0 : (target === PASS ? end : end + 1) - at - 1;
  return [
    ...instructions.map(([code, yes, no, operand], at): Instruction => {
      const jumps = code === JUMP_EQUAL || code === JUMP_SET;
      return [code, jumps ? distance(yes, at) : 0, jumps ? distance(no, at) : 0, operand];
    }),
    [RETURN, 0, 0, WHOLE],
  ];
}

function assemble(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(instructions.length * 8));
  const view = new DataView(bytes.buffer);
  for (const [index, [code, yes, no, operand]] of instructions.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, yes);
    view.setUint8(index * 8 + 3, no);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return bytes;
}
