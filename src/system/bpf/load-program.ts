import { EACCES, EAGAIN, EINVAL } from '../constants.ts';
import { BpfAttribute, zeroTerminated } from './bpf-attribute.ts';
import { tryBpf } from './bpf-call.ts';
import { BpfError } from './bpf-error.ts';
import { BPF_OBJ_NAME_LENGTH, BPF_PROG_LOAD } from './constants.ts';

/** A program of bare instructions, without maps: for probes and tests. */
export interface BareProgram {
  /** enum bpf_prog_type */
  readonly type: number;
  /** struct bpf_insn, one a number: opcode in the low byte, registers, then 16 bits offset and 32 bits immediate. */
  readonly instructions: readonly bigint[];
  readonly name?: string;
  /** `GPL` unless given. */
  readonly license?: string;
}

/** As libbpf's. */
const ATTEMPTS = 5;

/** Returns a descriptor for the caller to close. Throws a BpfError with the verifier's log. */
export function loadProgram(program: BareProgram): number {
  const instructions = new Uint8Array(BigUint64Array.from(program.instructions).buffer);
  const attribute = new BpfAttribute(72)
    .setU32(0, program.type)
    .setU32(4, program.instructions.length)
    .setPointer(8, instructions)
    .setPointer(16, zeroTerminated(program.license ?? 'GPL'))
    .setName(48, program.name ?? '', BPF_OBJ_NAME_LENGTH);
  let result = tryBpf(BPF_PROG_LOAD, attribute);
  // The verifier gives up for a signal that waits, such as that of a child's end (kernel/bpf/verifier.c, do_check).
  for (let n = 1; n < ATTEMPTS && result === -EAGAIN; n++) result = tryBpf(BPF_PROG_LOAD, attribute);
  if (result >= 0) return result;
  throw new BpfError('BPF_PROG_LOAD', -result, isVerdict(result) ? readLog(attribute) : undefined);
}

/** The verifier's words, by a second attempt: with a log the first one would be slower, and can fail for want of room. */
function readLog(attribute: BpfAttribute): string {
  const log = new Uint8Array(65_536);
  attribute.setU32(24, 1).setU32(28, log.length).setPointer(32, log);
  tryBpf(BPF_PROG_LOAD, attribute);
  const end = log.indexOf(0);
  return new TextDecoder().decode(log.subarray(0, end < 0 ? log.length : end));
}

function isVerdict(result: number): boolean {
  return result === -EACCES || result === -EINVAL;
}
