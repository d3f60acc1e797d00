import { EINTR } from '../constants.ts';
import { lastErrno, syscall } from '../libc.ts';
import type { BpfAttribute } from './bpf-attribute.ts';
import { BpfError } from './bpf-error.ts';

/** arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h */
const SYSCALL_NUMBER = process.arch === 'x64' ? 321 : 280;

/**
 * bpf(2). Returns what the command returns, 0 or a descriptor with close-on-exec, or the negative errno. Repeats a call that a
 * signal interrupted.
 */
export function tryBpf(command: number, attribute: BpfAttribute): number {
  for (;;) {
    const result = syscall(SYSCALL_NUMBER, command, attribute.bytes, attribute.bytes.length);
    if (result >= 0) return keep(attribute, result);
    const errno = lastErrno();
    if (errno !== EINTR) return keep(attribute, -errno);
  }
}

/** {@link tryBpf}, but throws a {@link BpfError}; `what` names the command and its object there. */
export function bpf(command: number, attribute: BpfAttribute, what: string): number {
  const result = tryBpf(command, attribute);
  if (result < 0) throw new BpfError(what, -result);
  return result;
}

/** Refers to the argument after the call, so that no collection takes the buffers it points to during the call. */
function keep(attribute: BpfAttribute, result: number): number {
  return attribute.referenced < 0 ? 0 : result;
}
